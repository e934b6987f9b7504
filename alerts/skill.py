"""How well alerts warned: hits, misses and false alarms over history.

*Line*: what a level rings for at an origin, as a count. *Event to warn of*: a period at or above
the line that applied when it began, after at least `quiet` periods below that line (0: every
period at or above it). *Alert*: an episode of the life-cycle, not a single reading; it speaks of
the periods in the windows of those of its readings that crossed, from the one that rang.

An event is a *hit* when an alert of its region, rung before or at its start, speaks of it;
otherwise a *miss*, also where the region had no history to forecast from. An alert *came true*
when a period that it speaks of reached the line with which it rang; it is *undecided* while one
of them is not known; otherwise it is a *false alarm*. *Lead time* runs from the first reading of
the alert that spoke of the event's period to that period's start: 0 days when that was its eve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from alerts.rates import middle, pace, share
from alerts.replay import Episode, Policy, Track
from core.series import AnyArray, FloatArray, IntArray

MONTH_DAYS = 365.25 / 12


class Outcome(StrEnum):
    """What became of an alert."""

    TRUE = "came true"
    FALSE = "false alarm"
    UNDECIDED = "undecided"


class Verdict(NamedTuple):
    """An alert's outcome, and the first origin column that reached its line, None where none."""

    outcome: Outcome
    reached: int | None


@dataclass(frozen=True)
class Tally:
    """Counts per region, each (regions,); `leads` is one array of days over all hits."""

    true: IntArray
    false: IntArray
    undecided: IntArray
    hits: IntArray
    misses: IntArray
    ringing: IntArray
    leads: IntArray

    @property
    def decided(self) -> IntArray:
        """Return (regions,) alerts that came true or did not."""
        return self.true + self.false


def verdict(track: Track, episode: Episode) -> Verdict:
    """Return what became of an alert."""
    columns = sorted(_spoken(track, episode))
    came = track.came[episode.region, [track.past + column for column in columns]]
    reached = np.flatnonzero(came >= episode.line)
    if len(reached):
        return Verdict(Outcome.TRUE, columns[int(reached[0])])
    return Verdict(Outcome.UNDECIDED if np.isnan(came).any() else Outcome.FALSE, None)


def events(track: Track, policy: Policy, quiet: int) -> AnyArray:
    """Return (regions, origins) whether an event to warn of begins in the running period.

    The line is the lowest of the policy's levels. Periods that are not known begin and end
    nothing.

    Raises:
        ValueError: when the track does not reach `quiet` periods back.
    """
    if quiet > track.past:
        raise ValueError(f"{quiet} quiet periods need as many before the first origin")
    line = track.lines[..., [level.column for level in policy.levels]].min(axis=-1)
    begins = _columns(track, 0) >= line
    for back in range(1, quiet + 1):
        begins &= _columns(track, -back) < line
    return np.asarray(begins)


def announced(track: Track, rung: Sequence[Episode]) -> IntArray:
    """Return (regions, origins) the first origin at which an alert spoke of a period; -1: none."""
    found = np.full((len(track.keys), track.origins), -1, dtype=np.int64)
    for episode in rung:
        for column, since in _spoken(track, episode).items():
            if column < track.origins and found[episode.region, column] < 0:
                found[episode.region, column] = since
    return found


def tally(track: Track, policy: Policy, rung: Sequence[Episode], quiet: int) -> Tally:
    """Return how a policy's alerts did, region by region."""
    regions = len(track.keys)
    counts = {outcome: np.zeros(regions, dtype=np.int64) for outcome in Outcome}
    ringing = np.zeros(regions, dtype=np.int64)
    for episode in rung:
        counts[verdict(track, episode).outcome][episode.region] += 1
        ringing[episode.region] += episode.runs
    wanted, spoken_of = events(track, policy, quiet), announced(track, rung)
    hits = wanted & (spoken_of >= 0)
    return Tally(
        counts[Outcome.TRUE],
        counts[Outcome.FALSE],
        counts[Outcome.UNDECIDED],
        hits.sum(axis=1),
        (wanted & ~hits).sum(axis=1),
        ringing,
        _leads(track, hits, spoken_of),
    )


def summary(track: Track, found: Tally) -> dict[str, Any]:
    """Return the documented figures of a tally: counts, and rates with n and interval."""
    true, false = int(found.true.sum()), int(found.false.sum())
    undecided, hits, misses = (
        int(part.sum()) for part in (found.undecided, found.hits, found.misses)
    )
    months, read = months_of(track), int(track.read.sum())
    watched = months * read / track.origins / 100 if track.origins else 0.0
    lead = middle(found.leads.tolist() if track.span > 1 else [])
    return {
        "alerts": true + false + undecided,
        "came_true": true,
        "false_alarms": false,
        "undecided": undecided,
        "events": hits + misses,
        "hits": hits,
        "misses": misses,
        "precision": share(true, true + false),
        "recall": share(hits, hits + misses),
        "alerts_a_month": pace(true + false + undecided, months),
        "false_alarms_a_month": pace(false, months),
        "false_alarms_a_month_per_100_regions": pace(false, watched),
        "median_lead_days": lead,
        "share_of_time_ringing": {"value": int(found.ringing.sum()) / read if read else None},
    }


def months_of(track: Track) -> float:
    """Return how many months of history the origins stand for."""
    first, last = (track.period.start(track.first + n) for n in (0, track.origins))
    return (last - first).days / MONTH_DAYS


def _columns(track: Track, shift: int) -> FloatArray:
    """Return (regions, origins) what came of the periods `shift` after the running ones."""
    start = track.past + shift
    return track.came[:, start : start + track.origins]


def _spoken(track: Track, episode: Episode) -> dict[int, int]:
    """Return the columns that an alert speaks of, each with the first origin that did."""
    found: dict[int, int] = {}
    for claim in episode.claims:
        for column in range(claim, claim + track.span):
            found.setdefault(column, claim)
    return found


def _leads(track: Track, hits: AnyArray, announced: IntArray) -> IntArray:
    """Return the days from the first announcement of each hit to its start."""
    starts = [track.period.start(track.first + n).toordinal() for n in range(track.origins)]
    days = np.array(starts, dtype=np.int64)
    region, column = np.nonzero(hits)
    return days[column] - days[announced[region, column]]
