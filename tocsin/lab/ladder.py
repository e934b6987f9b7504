"""The thresholds that the lab reads at once, so that moving from one to another takes no replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.rule_settings import Follows, Quantile, Record, TimesBaseline, TimesLastYear
from core.settings import Level, RuleSettings
from forecast.series import Built

_EVERY, _SPREAD = 12, 14
"""Every small count, then so many more up to twice the largest, evenly spread in proportion."""
_MULTIPLES = (1.25, 1.5, 2.0, 3.0, 4.0)
_LAST_YEAR = (1.5, 2.0, 3.0)
_SHARES = (0.9, 0.95, 0.99)
_MINIMA = (2, 5, 10)
"""Thresholds that follow the history are read with each of these as their least."""


def ladder_of(truth: Built, rules: Iterable[RuleSettings]) -> list[Level]:
    """Return the levels to read: counts, what follows the history, and those of the rules."""
    most = 2 * float(np.nanmax(truth.panel.counts, initial=1.0))
    spread = np.geomspace(_EVERY, max(most, _EVERY + 1), _SPREAD)
    counts = sorted({*range(1, _EVERY + 1), *(round(float(n)) for n in spread)})
    wanted: list[int | Follows] = [*counts, *_following()]
    for level in (level for rule in rules for level in rule.levels):
        if level.at_least not in wanted:
            wanted.append(level.at_least)
    return [Level.model_validate({**_PLAIN, "at_least": one}) for one in wanted]


def code_of(level: Level) -> str:
    """Return what an address says of a threshold: "8", "times_baseline:2:5" (2 ×, at least 5)."""
    wanted = level.at_least
    if isinstance(wanted, int):
        return str(wanted)
    told = wanted.model_dump()
    least = told.pop("minimum")
    ((key, value),) = told.items()
    return f"{key}:{float(value):g}:{least}"


def column_of(ladder: Sequence[Level], code: str) -> int | None:
    """Return where a threshold stands in a ladder, None where it was not read.

    For a count that was not, the nearest that was.
    """
    codes = [code_of(level) for level in ladder]
    if code in codes:
        return codes.index(code)
    if not code.isdecimal():
        return None
    wanted = int(code[:9])
    counts = [(n, level.at_least) for n, level in enumerate(ladder)]
    fixed = [(abs(count - wanted), n) for n, count in counts if isinstance(count, int)]
    return min(fixed)[1]


_PLAIN = {"severity": "elevated", "at_least": 1, "probability": 0.5}


def _following() -> Iterable[Follows]:
    for least in _MINIMA:
        for times in _MULTIPLES:
            yield TimesBaseline(times_baseline=times, minimum=least)
        for times in _LAST_YEAR:
            yield TimesLastYear(times_last_year=times, minimum=least)
        for share in _SHARES:
            yield Quantile(quantile=share, minimum=least)
        yield Record(record=True, minimum=least)
