"""`tocsin aliases suggest`: spellings that are probably one name. Nothing is changed."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from core.clock import SystemClock
from core.text import clean, csv_safe
from storage.spellings import spellings
from tocsin.config import load
from tocsin.stores import opened
from tocsin.suggestions import MOST, Suggestion, suggested


def suggest(path: Path, database: Path | None, *, form: str, raw: bool) -> list[str]:
    """Print the suggestions: as text, lines for the configuration's `[aliases]`."""
    config = load(path)
    with opened(config, database, "read", SystemClock()) as stores:
        groups = spellings(stores.database)
    found = list(suggested(groups))
    if form == "json":
        print(json.dumps([one._asdict() for one in found], indent=2, ensure_ascii=False))
    elif form == "csv":
        _csv(found, raw=raw)
    else:
        _text(found)
        crowded = [field for (field, _), names in groups.items() if len(names) > MOST]
        for field in dict.fromkeys(crowded):
            print(f"# {field}: only the {MOST} commonest names were compared")
    return []


def _csv(found: Iterable[Suggestion], *, raw: bool) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(Suggestion._fields)
    for one in found:
        cells = [clean(str(value), 1000) for value in one]
        writer.writerow(cells if raw else [csv_safe(cell) for cell in cells])


def _text(found: Iterable[Suggestion]) -> None:
    """Print TOML, one table per field, the commonest spelling as the name that is kept."""
    tables: dict[str, dict[str, list[Suggestion]]] = {}
    for one in found:
        tables.setdefault(one.field, {}).setdefault(one.name, []).append(one)
    for field, names in tables.items():
        print(f"[aliases.{field}]")
        for name, ones in names.items():
            listed = ", ".join(dict.fromkeys(_quoted(one.spelling) for one in ones))
            print(f"{_quoted(name)} = [{listed}]  # {clean(_remark(ones), 200)}")
        print()
    if not tables:
        print("# no two names in the store are probably one")


def _remark(ones: list[Suggestion]) -> str:
    counts = " + ".join(str(count) for count in (ones[0].incidents, *(one.spelled for one in ones)))
    where = f"{ones[0].country}: " if ones[0].country else ""
    return f"{where}{counts} incidents; {min(one.likeness for one in ones):g} % alike"


def _quoted(name: str) -> str:
    """Return a name as a TOML string, whose escapes are JSON's."""
    return json.dumps(clean(name, 1000), ensure_ascii=False)
