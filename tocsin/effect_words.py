"""What season, known dates, neighbours and the last periods do to a forecast, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
_WORTH_A_WORD = 0.01
"""An effect on what is expected that is smaller is not told."""


def effects_in_words(effects: Sequence[Row], period: str) -> list[str]:
    """Return a sentence for every effect on the forecast of a period that is worth one."""
    return [
        f"{_SENTENCES[one['kind']](one)}, which {_adds(one['adds'])}."
        for one in effects
        if one["period"] == period and abs(one["adds"]) >= _WORTH_A_WORD
    ]


def _adds(share: float) -> str:
    how = "adds" if share > 0 else "takes off"
    return f"{how} {abs(share):.0%}".replace("%", " %")


def _apart(ratio: float) -> str:
    """Return "30 % above", "25 % below"."""
    return f"{abs(ratio - 1):.0%} {'above' if ratio > 1 else 'below'}".replace("%", " %")


def _season(effect: Row) -> str:
    return f"{effect['subject']} run {_apart(effect['ratio'])} the year"


def _date(effect: Row) -> str:
    times = f"{effect['ratio']:.1f} times as much as on others"
    return f"On the days of {effect['subject']} happens {times}"


def _moved(who: str, ratio: float) -> str:
    return f"{who} {'rose' if ratio > 1 else 'fell'} to {ratio:.1f} times what it was"


def _neighbours(effect: Row) -> str:
    return _moved("What neighbouring regions have", effect["ratio"])


def _actor(effect: Row) -> str:
    return _moved("What the same actor does elsewhere", effect["ratio"])


def _excitement(effect: Row) -> str:
    many = "many" if effect["ratio"] > 1 else "few"
    return f"The last periods had {many} events, and events bring events"


_SENTENCES = {
    "season": _season,
    "date": _date,
    "neighbours": _neighbours,
    "actor": _actor,
    "excitement": _excitement,
}
"""Kind of an effect → what is said of it."""
