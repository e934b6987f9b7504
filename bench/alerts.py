"""The skill of alerts on the development set: `python -m bench.alerts`.

Seven countries, every month from the 36th on (or the last 60 of them), rules on "any of the next
three months" with fixed lines and lines that follow the baseline, each replayed through the
life-cycle. Intervals are 95 %, from 2,000 resamples of whole regions, so that the alerts of one
region may depend on each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from alerts.rates import middle, share
from alerts.replay import Episode, LadderLevel, Policy, Track, episodes
from alerts.skill import Outcome, Tally, months_of, tally, verdict
from bench.development import panels
from core.incidents import Coverage
from core.series import Cells, FloatArray, IntArray, Panel
from core.settings import Level, RuleSettings, TimesBaseline, WatchSettings
from forecast.backtest import LEAST_HISTORY
from forecast.series import build
from tocsin.hindsight import ByEventDate
from tocsin.rule_history import track
from tocsin.rule_skill import described

FIXED = (2, 3, 5, 8, 12, 20, 30)
MULTIPLES = (1.25, 1.5, 2.0)
MINIMUM = 5
BAND = (0.65, 0.75)
PROBABILITIES = np.round(np.arange(0.05, 0.96, 0.05), 2).tolist()
CLEAR = 0.7
"""`clear_probability` as a share of the probability that rings: that of the examples."""
QUIETS = (0, 1)
RESAMPLES = 2000


class Replayed(NamedTuple):
    """A country's readings; `ladder` says of which lines."""

    track: Track
    ladder: list[Level]


class Point(NamedTuple):
    """What a policy did in all countries: one tally per country.

    `at_once` tallies the same alerts as if each spoke of its first window only.
    """

    probability: float
    tallies: list[Tally]
    at_once: list[Tally]

    def sums(self) -> FloatArray:
        """Return (regions, 6): alerts true and false, hits, misses, true and false at once.

        At once: by what came within the window of the message that rang, and nothing after it.
        """
        parts = zip(self.tallies, self.at_once, strict=True)
        return np.concatenate(
            [
                np.stack([t.true, t.false, t.hits, t.misses, o.true, o.false], axis=1)
                for t, o in parts
            ]
        ).astype(np.float64)


def ladder() -> list[Level]:
    """Return the lines that are read."""
    follow = [TimesBaseline(times_baseline=x, minimum=MINIMUM) for x in MULTIPLES]
    return [
        Level(severity="elevated", at_least=line, probability=0.5) for line in (*FIXED, *follow)
    ]


def replayed(panel: Panel) -> Replayed:
    """Read the ladder at every origin of a country."""
    region, column = np.nonzero(panel.counts > 0)
    end = int(panel.ends[0])
    start = end - panel.counts.shape[1] + 1
    counts = panel.counts[region, column].astype(np.int64)
    cells = Cells(list(panel.keys), region, column + start, counts)
    coverage = {"ged": [Coverage("", panel.period.start(start), panel.period.end(end))]}
    watch = WatchSettings(name="development", feeds=("ged",), group_by=("country", "admin1"))
    truth = build(cells, coverage, watch, panel.period.end(end))
    rule = RuleSettings(
        name="bench", watch=watch.name, levels=tuple(ladder()), clear_probability=0.35
    )
    past = ByEventDate(watch, "events", cells, coverage)
    origins = range(start + LEAST_HISTORY, end + 1)
    return Replayed(track(past, rule, ladder(), origins, truth, max(QUIETS)), ladder())


def policy(column: int, probability: float, *, naive: bool = False) -> Policy:
    """Return a rule of one level as the life-cycle sees it."""
    level = LadderLevel(column, "elevated", probability)
    return Policy((level,), CLEAR * probability, naive=naive)


def calibration(found: list[Replayed]) -> None:
    """Print how often alerts that rang with P in the band came true within their window."""
    print(f"Rang with P from {BAND[0]} to {BAND[1]}, came true within the window of the message")
    everything: list[tuple[int, bool]] = []
    for column, level in enumerate(ladder()):
        cases = [
            (1000 * number + one.region, outcome is Outcome.TRUE)
            for number, each in enumerate(found)
            for one, outcome in rang(each.track, column)
        ]
        everything += cases
        print(f"  {described(level):<30} {_share(cases)}")
    print(f"  {'all':<30} {_share(everything)}", flush=True)
    readings = [
        (1000 * number + region, reached)
        for number, each in enumerate(found)
        for region, reached in _readings(each.track)
    ]
    print(f"  {'all readings, ringing or not':<30} {_share(readings)}", flush=True)


def rang(found: Track, column: int) -> list[tuple[Episode, Outcome]]:
    """Return the alerts of a line that rang in the band, by what came within their first window."""
    rung = episodes(found, policy(column, BAND[0]))
    first = [_first(one) for one in rung if one.probability < BAND[1]]
    judged = [(one, verdict(found, one).outcome) for one in first]
    return [pair for pair in judged if pair[1] is not Outcome.UNDECIDED]


def _first(episode: Episode) -> Episode:
    """Return an alert that speaks of the window of its first message only."""
    return episode._replace(claims=(episode.rang,))


def _readings(found: Track) -> list[tuple[int, bool]]:
    """Return every reading in the band, whether it rang or not, by region."""
    place = (found.chances >= BAND[0]) & (found.chances < BAND[1])
    cases = []
    for region, origin, line in zip(*np.nonzero(place), strict=True):
        start = found.past + origin
        came = found.came[region, start : start + found.span]
        reached = bool((came >= found.lines[region, origin, line]).any())
        if reached or not np.isnan(came).any():
            cases.append((int(region), reached))
    return cases


def _share(cases: list[tuple[int, bool]]) -> str:
    """Return a share with its Wilson interval and that from resampled regions."""
    if not cases:
        return "–"
    true = sum(reached for _, reached in cases)
    wilson = share(true, len(cases))
    regions = sorted({region for region, _ in cases})
    sums = np.zeros((len(regions), 2))
    for region, reached in cases:
        sums[regions.index(region)] += (reached, 1)
    drawn = _resampled(sums)
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1), (0.025, 0.975))
    return (
        f"{true / len(cases):.3f} of {len(cases)} (Wilson {wilson['low_95']:.3f}–"
        f"{wilson['high_95']:.3f}; by {len(regions)} regions {low:.3f}–{high:.3f})"
    )


def _resampled(sums: FloatArray) -> FloatArray:
    """Return (resamples, …) the totals over regions drawn with replacement."""
    draw = np.random.default_rng(0)
    times = draw.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES)
    return np.asarray(np.tensordot(times, sums, axes=(1, 0)))


def comparison(found: list[Replayed], quiet: int) -> None:
    """Print precision at the naive rule's recall, per line and over all lines."""
    after = f"after {quiet} below" if quiet else "every one"
    print(f"\nAt equal recall; event to warn of: a month at or above the line, {after}")
    lines = [curve(found, column, quiet) for column in range(len(ladder()))]
    for level, (naive, points) in zip(ladder(), lines, strict=True):
        print(f"  {described(level):<30} {_ratio([naive], [points])}")
        print(f"  {'':<30} {_absolutes(found, naive, points)}", flush=True)
    print(f"  {'all lines':<30} {_ratio(*map(list, zip(*lines, strict=True)))}", flush=True)


def curve(found: list[Replayed], column: int, quiet: int) -> tuple[Point, list[Point]]:
    """Return what the naive rule and rules at rising probabilities do with a line."""

    def at(probability: float, *, naive: bool = False) -> Point:
        rule = policy(column, probability, naive=naive)
        rung = [(each.track, episodes(each.track, rule)) for each in found]
        return Point(
            probability,
            [tally(found, rule, alerts, quiet) for found, alerts in rung],
            [tally(found, rule, [_first(one) for one in alerts], quiet) for found, alerts in rung],
        )

    return at(0.5, naive=True), [at(probability) for probability in PROBABILITIES]


def _ratio(naives: list[Point], curves: list[list[Point]]) -> str:
    """Return precision of both at the naive recall, and their ratio with its interval."""
    naive = np.sum([one.sums() for one in naives], axis=0)
    rule = np.sum([[point.sums() for point in curve] for curve in curves], axis=0)
    whole = precisions(naive.sum(axis=0)[None], rule.sum(axis=1)[None])[0]
    drawn = precisions(_resampled(naive), _resampled(np.moveaxis(rule, 0, 1)))
    shown = []
    for first, words in ((1, "naive precision"), (3, "within the first window")):
        low, high = np.nanquantile(drawn[:, first + 1] / drawn[:, first], (0.025, 0.975))
        ratio = whole[first + 1] / whole[first]
        shown.append(
            f"{words} {whole[first]:.3f}, rule {whole[first + 1]:.3f}: "
            f"{ratio:.2f} × ({low:.2f}–{high:.2f})"
        )
    return f"recall {whole[0]:.3f}; {'; '.join(shown)}"


def precisions(naive: FloatArray, ruled: FloatArray) -> FloatArray:
    """Return (cases, 5): the naive recall; precision, naive and the rule's there; and at once.

    Args:
        naive: (cases, 6) as `Point.sums`.
        ruled: (cases, probabilities, 6); between two of them recall and precision run straight.
    """
    found = np.full((len(naive), 5), np.nan)
    for case, (one, points) in enumerate(zip(naive, ruled, strict=True)):
        rung = points[(points[:, :2].sum(axis=1) > 0) & (points[:, 4:].sum(axis=1) > 0)]
        recalls, recall = rung[:, 2] / rung[:, 2:4].sum(axis=1), one[2] / one[2:4].sum()
        order = np.argsort(recalls, kind="stable")
        found[case, 0] = recall
        for place, true in ((1, 0), (3, 4)):
            precisions = rung[:, true] / rung[:, true : true + 2].sum(axis=1)
            found[case, place] = one[true] / one[true : true + 2].sum()
            found[case, place + 1] = np.interp(recall, recalls[order], precisions[order])
    return found


def _absolutes(found: list[Replayed], naive: Point, curve: list[Point]) -> str:
    """Return what the rule with the nearest recall does, in figures that people feel."""
    recall = _recall(naive)
    point = min(curve, key=lambda one: abs(_recall(one) - recall))
    return f"P ≥ {point.probability:g}: {_felt(found, point)}; naive: {_felt(found, naive)}"


def _recall(point: Point) -> float:
    sums = point.sums().sum(axis=0)
    return float(sums[2] / sums[2:4].sum())


def _felt(found: list[Replayed], point: Point) -> str:
    sums: IntArray = point.sums().sum(axis=0).astype(np.int64)
    ringing = sum(int(one.ringing.sum()) for one in point.tallies)
    time = ringing / sum(int(each.track.read.sum()) for each in found)
    region_months = sum(months_of(e.track) * len(e.track.keys) for e in found)
    lead = middle(np.concatenate([one.leads for one in point.tallies]).tolist())
    caught = share(int(sums[2]), int(sums[2] + sums[3]))
    return (
        f"recall {caught['value']:.2f} ({caught['low_95']:.2f}–{caught['high_95']:.2f}; "
        f"{caught['n']}), {100 * sums[1] / region_months:.2f} false alarms a month and 100 "
        f"regions, median lead {lead['value']:g} days ({lead['n']}), ringing {time:.0%} of the time"
    )


def main() -> None:
    """Print calibration of ringing and the comparison with the naive rule."""
    found = [replayed(panel) for panel in panels().values()]
    calibration(found)
    for quiet in QUIETS:
        comparison(found, quiet)


if __name__ == "__main__":
    main()
