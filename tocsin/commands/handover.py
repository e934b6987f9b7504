"""`tocsin handover`: what the next duty officer must know, on one page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.clock import SystemClock, stamp
from core.text import clean
from tocsin.config import load
from tocsin.handover import SECTIONS, page
from tocsin.listing import write
from tocsin.moments import since_of
from tocsin.stores import opened

_LINE = 300
_SHOWN = 40
"""Lines of a section on a page; JSON and CSV have all."""


def handover(path: Path, database: Path | None, since: str, *, form: str, raw: bool) -> list[str]:
    """Print what is open, what happened since a moment, and what is silent."""
    config, clock = load(path), SystemClock()
    now = clock.now()
    start = since_of("--since", since, now)
    with opened(config, database, "read", clock) as stores, stores.database.snapshot():
        found = page(config, stores, start, stamp(now))
    if form == "json":
        json.dump(found, sys.stdout, indent=2, ensure_ascii=False)
        print()
    elif form == "csv":
        lines = [{"section": key, "what": line} for key in SECTIONS for line in _said(found, key)]
        write(lines, {"section": "", "what": ""}, form, sys.stdout, raw=raw)
    else:
        print("\n".join(_text(found)))
    return []


def _said(found: dict[str, Any], key: str) -> Iterator[str]:
    """Yield the lines of a section."""
    for item in found[key]:
        yield clean(item if isinstance(item, str) else item["words"], _LINE)


def _text(found: dict[str, Any]) -> Iterable[str]:
    yield f"Handover: since {found['since'][:16]}Z, made {found['until'][:16]}Z"
    for key, heading in SECTIONS.items():
        lines = list(_said(found, key))
        yield f"\n{heading} ({len(lines)})"
        yield from (f"- {line}" for line in lines[:_SHOWN]) if lines else ["- none"]
        if len(lines) > _SHOWN:
            yield f"- … and {len(lines) - _SHOWN} more: --format json or csv has them"
