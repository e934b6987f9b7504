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

from typing import NamedTuple

import numpy as np

from core.series import AnyArray, FloatArray, IntArray, Panel
from forecast.models.base import spread
from forecast.models.regimes import Beliefs, Regimes, believe
from forecast.shares import FEW, in_shares, share_of

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
            said[place] = _told(panel.counts[asked], regimes)
    return Heard(said, group, counted, SHOCKS / regimes.year)


def _told(counts: FloatArray, regimes: Regimes) -> FloatArray:
    """Return (columns + 1, LAGS) sums of the statements of (series, columns) counts."""

    def ask(part: slice) -> FloatArray:
        beliefs = believe(np.ascontiguousarray(counts[part]), regimes)
        return np.asarray(statements(beliefs, regimes.hazard).sum(axis=0))

    return np.asarray(np.sum(in_shares(ask, len(counts), share_of(counts.shape[1], FEW)), axis=0))


def statements(beliefs: Beliefs, hazard: float) -> FloatArray:
    """Return (series, columns + 1, LAGS) log ratios for a shock 1, 2, … columns before an origin.

    A regime that began one column earlier or later counts as well: months end in mid-battle.
    """
    known, starts, worth = beliefs.known, beliefs.starts, beliefs.worth
    origins = np.arange(known.shape[1])
    ages = np.where(starts > 0, origins[:, None] - starts, 0)
    begun = np.zeros((*known.shape, LAGS + 2))
    for age in range(1, LAGS + 2):
        begun[..., age] = (worth * (ages == age)).sum(axis=2)
    lags = np.arange(1, LAGS + 1)
    together = begun[..., lags - 1] + begun[..., lags] + begun[..., lags + 1]
    shock = origins[:, None] - lags
    near = np.minimum(shock + 1, origins[:, None] - 1) - np.maximum(shock - 1, 1) + 1
    prior = 1 - (1 - hazard) ** np.maximum(near, 1)
    ratio = together / np.maximum(1 - together, 1e-9) * (1 - prior) / prior
    found = np.log((SHARE * ratio + 1 - SHARE) / (prior * ratio + 1 - prior))
    silent = (shock < 1) | (known[..., None] == known[:, np.maximum(shock, 0)])
    return np.where(silent, 0.0, np.clip(found, -_LOUDEST, _LOUDEST))


def heed(heard: Heard, hazard: float, beliefs: Beliefs) -> None:
    """Change what is believed of the regimes of some series by what their siblings said.

    Args:
        heard: of these series.
        hazard: probability that a period begins a new regime.
        beliefs: about these series; their worth is changed.
    """
    others = heard.said[heard.group]
    if not np.any(others > 0):
        return
    own = np.where(heard.counted[:, None, None], statements(beliefs, hazard), 0.0)
    others = np.where(others > 0, others - own, 0.0)
    moved = np.asarray((others > 0).any(axis=2))
    odds = heard.odds * np.exp(np.minimum(others[moved], _MOST))
    prior = hazard + (SHARE - hazard) * odds / (1 + odds)
    factors = prior / (1 - prior) * (1 - hazard) / hazard
    factors[others[moved] <= 0] = 1.0
    _reweigh(factors, np.nonzero(moved)[1], beliefs, moved)


def _reweigh(factors: FloatArray, origins: IntArray, beliefs: Beliefs, moved: AnyArray) -> None:
    """Take the worth of the newest regimes times the factors of their ages; sum to 1.

    Args:
        factors: (moved origins, LAGS).
        origins: (moved origins,) their columns.
        beliefs: their worth is changed.
        moved: (series, columns + 1) which origins of which series these are.
    """
    starts, worth = beliefs.starts[moved], beliefs.worth[moved]
    ages = np.where(starts > 0, origins[:, None] - starts, 0)
    heard = np.take_along_axis(factors, np.clip(ages - 1, 0, LAGS - 1), axis=1)
    worth *= np.where((ages >= 1) & (ages <= LAGS), heard, 1.0)
    beliefs.worth[moved] = worth / worth.sum(axis=1, keepdims=True)
