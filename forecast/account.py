"""What members left out and why: per series, and summed up for the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.series import FloatArray
from forecast.models.base import MemberFit


def notes(members: Sequence[str], fits: Sequence[MemberFit], given: FloatArray) -> tuple[str, ...]:
    """Return per series which configured members did not answer, and who did if none did.

    Args:
        members: all names, the configured ones first.
        fits: of the configured members, at one origin.
        given: (series, members) weights at the first step.
    """
    found, able = [""] * len(given), np.stack([fit.able[:, 0] for fit in fits])
    asked = np.array([not fit.idle for fit in fits])
    noted = (~able & asked[:, None]).any(axis=0) | ~able.any(axis=0)
    for series in np.flatnonzero(noted).tolist():
        note, instead = _note(members, fits, series), members[int(given[series].argmax())]
        found[series] = note if able[:, series].any() else f"{note}: {instead} instead"
    return tuple(found)


def _note(members: Sequence[str], fits: Sequence[MemberFit], series: int) -> str:
    short, others = [], []
    for name, fit in zip(members, fits, strict=False):
        if fit.troubles and fit.troubles[series]:
            others.append(f"{name} {fit.troubles[series]}")
        elif fit.spared and fit.spared[series]:
            others.append(f"{name} not asked, over its budget")
        elif not (fit.idle or fit.able[series, 0]):
            short.append(name)
    history = [f"too little history for {', '.join(short)}"] if short else []
    return "; ".join([*history, *others])


class Account:
    """Adds up over blocks what the members left out."""

    def __init__(self, members: Sequence[str]) -> None:
        """Take the names of the configured members."""
        self._members = members
        self._troubles: dict[str, Counter[str]] = {name: Counter() for name in members}
        self._asked: Counter[str] = Counter()
        self._spared: Counter[str] = Counter()

    def add(self, fits: Sequence[MemberFit]) -> None:
        """Add a block's fits, one per member."""
        for name, fit in zip(self._members, fits, strict=True):
            self._troubles[name].update(trouble for trouble in fit.troubles if trouble)
            self._spared[name] += sum(fit.spared)
            self._asked[name] += int(fit.able[:, 0].sum())

    def reasons(self) -> tuple[str, ...]:
        """Return one line per member that failed: how many series, and how."""
        lines = []
        for name, troubles in self._troubles.items():
            if troubles:
                parts = [f"{count} {trouble}" for trouble, count in sorted(troubles.items())]
                many = f"{troubles.total()} series left out"
                lines.append(f"{name}: {many}: {', '.join(parts)}")
        return tuple(lines)

    def remarks(self) -> tuple[str, ...]:
        """Return one line per member whose budget did not reach all series that it is for."""
        lines = []
        for name, spared in self._spared.items():
            asked = self._asked[name] + self._troubles[name].total()
            if spared:
                lines.append(f"{name} was asked for {asked:,} of {asked + spared:,} series")
        return tuple(lines)
