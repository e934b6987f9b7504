"""Histories of readings, written down by hand: one region per row, months from 2020-01."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from alerts.replay import LadderLevel, Policy, Track
from core.periods import Period

FIRST = Period.MONTH.of(date(2020, 1, 1))
X = float("nan")


def track(
    chances: Sequence[Sequence[float]],
    came: Sequence[Sequence[float]],
    *,
    line: int = 5,
    span: int = 3,
    past: int = 1,
    tempo: Sequence[Sequence[float]] | None = None,
    overdue: Sequence[tuple[str, ...]] | None = None,
) -> Track:
    """One level; `came` begins `past` months before the first origin and is filled with X."""
    chance = np.array(chances, dtype=float)
    regions, origins = chance.shape
    whole = np.full((regions, past + origins + span - 1), X)
    for row, counts in enumerate(came):
        known = counts[: whole.shape[1]]
        whole[row, : len(known)] = known
    before = whole[:, past - 1 : past - 1 + origins] if past else np.full(chance.shape, X)
    months = np.arange(FIRST - 1, FIRST - 1 + origins)
    return Track(
        keys=tuple(("Freedonia", str(row)) for row in range(regions)),
        period=Period.MONTH,
        first=FIRST,
        lines=np.full((regions, origins, 1), line, dtype=np.int64),
        chances=chance[..., None],
        tempo=before if tempo is None else np.array(tempo, dtype=float),
        newest=np.broadcast_to(months, chance.shape),
        came=whole,
        past=past,
        span=span,
        overdue=tuple(overdue or [()] * origins),
    )


def policy(needed: float = 0.5, clear: float = 0.35, **changes: int) -> Policy:
    """Return a rule of one level."""
    return Policy((LadderLevel(0, "elevated", needed),), clear, **changes)
