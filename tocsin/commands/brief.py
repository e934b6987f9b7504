"""`tocsin brief`: the analyst's article about one watch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

from core.clock import SystemClock
from core.errors import InputError
from tocsin.brief.article import paper
from tocsin.brief.evidence import Question, gather
from tocsin.brief.figures import document
from tocsin.config import load
from tocsin.forecast_table import Row
from tocsin.output_file import replacing
from tocsin.outward import require_shareable
from tocsin.paper.rendering import Form, render
from tocsin.stores import opened


def brief(
    path: Path,
    database: Path | None,
    question: Question,
    out: Path | None,
    *,
    form: Form | Literal["json"],
    explain: bool,
    outside: bool,
) -> list[str]:
    """Write the brief to a file, or print it.

    Raises:
        InputError: when the watch has no data since the date, or may not be handed on.
    """
    config, clock = load(path), SystemClock()
    if outside:
        require_shareable(config, config.watch_named(question.watch))
    with opened(config, database, "read", clock) as stores:
        found = document(gather(stores, config, question, clock.now().date()))
    text = _written(found, form, explain=explain)
    if out is None:
        sys.stdout.write(text)
        return []
    with replacing(out, ()) as partial:
        partial.write_text(text, encoding="utf-8")
    return []


def _written(found: Row, form: Form | Literal["json"], *, explain: bool) -> str:
    if form != "json":
        return render(paper(found, explain=explain), form)
    told = found if explain else {key: found[key] for key in found if key != "explain"}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def areas(texts: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the countries of each NAME=COUNTRY,COUNTRY.

    Raises:
        InputError: when one is of another form.
    """
    found = {}
    for text in texts:
        name, _, listed = text.partition("=")
        countries = tuple(part.strip() for part in listed.split(",") if part.strip())
        if not name.strip() or not countries:
            mend = "write --area 'northern border=Tajikistan,Uzbekistan'"
            raise InputError("--area", f"{text!r} names no countries", mend)
        found[name.strip()] = countries
    return found
