"""`tocsin rules replay`: how well a rule would have warned, beside the naive rule."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.errors import InputError
from core.settings import RuleSettings
from tocsin.complaints import nearest
from tocsin.config import Config, load
from tocsin.progress import told_on_a_terminal
from tocsin.rule_history import track
from tocsin.rule_output import write_replay
from tocsin.rule_past import Question, history
from tocsin.rule_skill import ladder_of, skill
from tocsin.stores import opened


def replay(
    path: Path, database: Path | None, question: Question, name: str, *, form: str, raw: bool
) -> list[str]:
    """Print the skill of a rule over a stretch of history."""
    config, clock = load(path), SystemClock()
    rule = _rule(config, question, name)
    with opened(config, database, "read", clock) as stores, told_on_a_terminal() as progress:
        asked = history(config, stores, clock, question)
        ladder = ladder_of(rule)
        found = track(
            asked.past, rule, ladder, asked.origins, asked.truth, question.quiet, progress
        )
    document: dict[str, Any] = {
        "watch": asked.watch.name,
        "rule": rule.name,
        "clock": "known-then" if question.known_then else "event-date",
        "label": asked.label,
        "unit": asked.unit,
        "period": found.period.value,
        "from": found.period.end(found.first - 1).isoformat(),
        "to": found.period.end(found.first + found.origins - 2).isoformat(),
        "evaluations": found.origins,
        "regions": len(found.keys),
        "data_as_of": found.period.end(int(asked.truth.panel.ends.max())).isoformat(),
        "within": rule.within,
        "aggregate": rule.aggregate,
        "quiet": question.quiet,
        **skill(found, rule, ladder, question.quiet),
    }
    write_replay(document, form, sys.stdout, raw=raw)
    return []


def _rule(config: Config, question: Question, name: str) -> RuleSettings:
    """Return a rule on the forecasts of a watch.

    Raises:
        InputError: the watch has none of that name.
    """
    config.watch_named(question.watch)
    rules = {rule.name: rule for rule in config.rules if rule.watch == question.watch}
    if name in rules:
        return rules[name]
    problem = f"no rule on forecasts of watch {question.watch!r} is called {name!r}"
    raise InputError("--rule", problem, nearest(name, list(rules), "rules"))
