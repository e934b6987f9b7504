"""`tocsin rules suggest`: thresholds that would have rung about as often as wanted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.errors import InputError
from core.rule_settings import TOTALS
from tocsin.config import Config, load
from tocsin.progress import told_on_a_terminal
from tocsin.rule_history import series_of, track
from tocsin.rule_output import ALERT_COLUMNS, write_csv, write_json
from tocsin.rule_past import Question, history
from tocsin.rule_suggestion import QUIET, Of, ladder_of, suggestions, template
from tocsin.rule_text import suggestion_lines
from tocsin.stores import opened


def suggest(
    path: Path,
    database: Path | None,
    question: Question,
    alerts_per_month: float,
    *,
    of: Of = "regions",
    form: str,
    raw: bool,
) -> list[str]:
    """Print a fixed threshold and one that follows the baseline, with what they would have rung."""
    config, clock = load(path), SystemClock()
    _require_totals(config, question, of)
    with opened(config, database, "read", clock) as stores, told_on_a_terminal() as progress:
        asked = history(config, stores, clock, question)
        rule = template(asked.watch, of)
        ladder = ladder_of(rule, series_of(rule, asked.truth))
        found = track(asked.past, rule, ladder, asked.origins, asked.truth, QUIET, progress)
    document = {
        "watch": asked.watch.name,
        "label": asked.label,
        "unit": asked.unit,
        "of": of,
        "period": found.period.value,
        "from": found.period.end(found.first - 1).isoformat(),
        "to": found.period.end(found.first + found.origins - 2).isoformat(),
        "evaluations": found.origins,
        "regions": len(found.keys),
        "alerts_per_month": alerts_per_month,
        "suggestions": suggestions(found, rule, ladder, alerts_per_month),
    }
    _write(document, form, raw=raw)
    return []


def _require_totals(config: Config, question: Question, of: Of) -> None:
    """Refuse to look for a line over totals where a watch adds nothing up."""
    if of == TOTALS and not config.watch_named(question.watch).totals:
        problem = f"watch {question.watch!r} adds nothing up"
        raise InputError("--of totals", problem, 'give that watch totals = ["*"]')


def _write(found: dict[str, Any], form: str, *, raw: bool) -> None:
    if form == "json":
        write_json(found, sys.stdout)
    elif form == "csv":
        lines = (
            [each["at_least"], *(alert[column] for column in ALERT_COLUMNS), found["label"]]
            for each in found["suggestions"]
            for alert in each["alerts_listed"]
        )
        write_csv(("at_least", *ALERT_COLUMNS, "label"), lines, sys.stdout, raw=raw)
    else:
        sys.stdout.writelines(f"{line}\n" for line in suggestion_lines(found))
