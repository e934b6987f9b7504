"""A rule on forecasts as the TOML that is pasted into a configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator

from core.rule_settings import Follows
from core.settings import Level, RuleSettings


def as_toml(rule: RuleSettings) -> str:
    """Return a rule as a table of `config.toml`; of what is optional only what differs."""
    return "\n".join(_lines(rule))


def _lines(rule: RuleSettings) -> Iterator[str]:
    yield "[[rules]]"
    yield f"name = {json.dumps(rule.name)}"
    yield f"watch = {json.dumps(rule.watch)}"
    yield 'on = "forecast"'
    if rule.of != "regions":
        yield f"of = {json.dumps(rule.of)}"
    if rule.region != "*":
        yield f"region = {json.dumps(rule.region, ensure_ascii=False)}"
    yield f"within = {rule.within}"
    yield f'aggregate = "{rule.aggregate}"'
    yield "levels = ["
    yield from (f"  {{ {_stated(level)} }}," for level in rule.levels)
    yield "]"
    yield f"clear_probability = {rule.clear_probability:g}"
    yield f"fire_after = {rule.fire_after}"
    yield f"clear_after = {rule.clear_after}"
    yield ""


def _stated(level: Level) -> str:
    threshold = _threshold(level.at_least)
    return (
        f'severity = "{level.severity}", at_least = {threshold}, probability = {level.probability}'
    )


def _threshold(wanted: int | Follows) -> str:
    """Return a threshold as a TOML value: what it follows first, its minimum last."""
    if not isinstance(wanted, Follows):
        return str(wanted)
    told = wanted.model_dump()
    minimum = told.pop("minimum")
    pairs = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
    return f"{{ {', '.join([*pairs, f'minimum = {minimum}'])} }}"
