"""Siblings: a shift of level that most series of a country show counts in the rest at once.

At a shock every series of a group is thought to begin a new regime with probability SHARE, else
with the hazard h of an ordinary period. What a series says of a shock is the ratio of these two,
given how its counts since have changed the probability that a regime began there:

    (SHARE · B + 1 − SHARE) / (h · B + 1 − h) ,   B = posterior odds / prior odds.

A series with too few events to tell says nothing (B = 1), one that stayed where it was speaks
against the shock. A series hears what the others say, never itself, so one odd month in one
province remains what it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast.compiled import compiled, inner
from forecast.models.base import spread
from forecast.models.regimes import HYPOTHESES, Beliefs, Regimes, believe, empty_beliefs

LAGS = 6
"""Columns back to which a shock is looked for; by then a series' own counts have spoken."""
SHARE = 0.7
SHOCKS = 0.25
"""Shocks that a group is thought to meet in a year."""
HEARD_SERIES = 64
"""Series of a group, evenly spread, that are asked."""
_FEWEST = 3
_LOUDEST = 4.0
"""One series changes the log odds of a shock by no more."""
_MOST = 50.0


class Heard(NamedTuple):
    """What the series of each group said.

    Attributes:
        said: (groups, columns + 1, LAGS) sums of their statements at each origin.
        group: (series,) which group a series is of.
        counted: (series,) whether its own statements are in the sums.
        odds: of a shock in any period, before anything is said.
    """

    said: FloatArray
    group: IntArray
    counted: AnyArray
    odds: float

    def of(self, rows: IntArray) -> Heard:
        """Return the same for some of the series."""
        return self._replace(group=self.group[rows], counted=self.counted[rows])


def listen(panel: Panel, regimes: Regimes) -> Heard:
    """Ask the series of each group (regions that share all of their name but the last part)."""
    names = {key[:-1]: None for key in panel.keys}
    number = {name: place for place, name in enumerate(names)}
    group = np.array([number[key[:-1]] for key in panel.keys], dtype=np.int64)
    said = np.zeros((len(names), panel.counts.shape[1] + 1, LAGS))
    counted = np.zeros(len(panel), dtype=np.bool_)
    for place in range(len(names)):
        rows = np.flatnonzero(group == place)
        asked = rows[spread(len(rows), HEARD_SERIES)]
        if len(asked) >= _FEWEST:
            counted[asked] = True
            _ask(np.ascontiguousarray(panel.counts[asked]), regimes, said[place])
    return Heard(said, group, counted, SHOCKS / regimes.year)


@compiled
def _ask(counts: FloatArray, regimes: Regimes, said: FloatArray) -> None:
    """Add the statements of some series."""
    beliefs = empty_beliefs(counts.shape[1])
    for s in range(len(counts)):
        believe(counts[s], regimes, beliefs)
        for origin in range(1, len(said)):
            for lag in range(1, LAGS + 1):
                said[origin, lag - 1] += _statement(beliefs, origin, origin - lag, regimes.hazard)


@inner
def _statement(beliefs: Beliefs, origin: int, start: int, hazard: float) -> float:
    """Return the log ratio by which a series speaks at an origin for a shock at a column.

    A regime that began one column earlier or later counts as well: months end in mid-battle.
    """
    known, _, starts, worth = beliefs
    if start < 1 or known[origin] == known[start]:
        return 0.0
    begun, near = 0.0, 0
    for column in range(max(start - 1, 1), min(start + 2, origin)):
        near += 1
        for j in range(HYPOTHESES):
            if starts[origin, j] == column:
                begun += worth[origin, j]
    prior = 1 - (1 - hazard) ** near
    ratio = begun / max(1 - begun, 1e-9) * (1 - prior) / prior
    found = math.log((SHARE * ratio + 1 - SHARE) / (prior * ratio + 1 - prior))
    return min(max(found, -_LOUDEST), _LOUDEST)


@compiled
def heed(heard: Heard, series: int, hazard: float, beliefs: Beliefs) -> None:
    """Change what is believed of a series' regimes by what its siblings said."""
    said = heard.said[heard.group[series]]
    factors = np.empty(LAGS)
    for origin in range(1, len(said)):
        moved = False
        for lag in range(1, LAGS + 1):
            factors[lag - 1], others = 1.0, said[origin, lag - 1]
            if others > 0 and heard.counted[series]:
                others -= _statement(beliefs, origin, origin - lag, hazard)
            if others > 0:
                odds = heard.odds * math.exp(min(others, _MOST))
                prior = hazard + (SHARE - hazard) * odds / (1 + odds)
                factors[lag - 1] = prior / (1 - prior) * (1 - hazard) / hazard
                moved = True
        if moved:
            _reweigh(factors, origin, beliefs.starts[origin], beliefs.worth[origin])


@inner
def _reweigh(factors: FloatArray, origin: int, starts: IntArray, worth: FloatArray) -> None:
    """Take the worth of the newest regimes times the factors of their ages; sum to 1."""
    total = 0.0
    for j in range(HYPOTHESES):
        age = origin - starts[j]
        if 1 <= age <= LAGS and starts[j] > 0:
            worth[j] *= factors[age - 1]
        total += worth[j]
    for j in range(HYPOTHESES):
        worth[j] /= total
