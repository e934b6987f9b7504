"""Rows 32 and 39: a one-day spike, and counts that jitter around a threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np

from alerts import rules
from alerts.lifecycle import Moment, step
from alerts.rules import BlockRule, RunNote
from core.alerts import Alert, AlertState, Evaluation
from core.forecasts import WatchResult
from core.periods import Period
from core.regions import RegionKey
from core.rule_settings import ObservedRuleSettings, RuleSettings
from core.series import FloatArray, Panel, Standing
from forecast.engine import forecast
from tests.alerts.samples import result

SPIKES, QUIET, AFTER, STEPS = (30, 300, 5_000), 200, 42, 7
REGIONS = 4 * len(SPIKES)
START = date(2022, 1, 1).toordinal()


def rule_on_forecasts(**changes: Any) -> RuleSettings:
    """Ring for a day of the coming week with far more than is usual."""
    given = {
        "name": "surge",
        "watch": "provinces",
        "within": STEPS,
        "levels": [
            {
                "severity": "high",
                "at_least": {"times_baseline": 3.0, "minimum": 5},
                "probability": 0.5,
            }
        ],
        "clear_probability": 0.3,
    }
    return RuleSettings.model_validate({**given, **changes})


def rule_on_counts(**changes: Any) -> ObservedRuleSettings:
    given = {
        "name": "outbreak",
        "watch": "provinces",
        "on": "observed",
        "levels": [{"severity": "high", "at_least": {"chance": 0.001, "minimum": 8}}],
    }
    return ObservedRuleSettings.model_validate({**given, **changes})


def days_with_spikes() -> FloatArray:
    """A few attacks a day, and one day of very many."""
    counts = np.random.default_rng(32).poisson(1.0, (REGIONS, QUIET + AFTER)).astype(float)
    counts[:, QUIET] = np.repeat(SPIKES, REGIONS // len(SPIKES))
    return counts


def standing(counts: FloatArray, end: int) -> Standing:
    recent = tuple(int(count) for count in counts[-24:])
    mean = float(counts[:-1].mean())
    return Standing(
        recent, end, recent[-1], mean, end - len(counts) + 1, end - 1, date.fromordinal(end)
    )


def replay(counts: FloatArray) -> Iterator[WatchResult]:
    """Yield the forecasts of every day from the one after the spike on."""
    for last in range(QUIET, QUIET + AFTER):
        seen, end = counts[:, : last + 1], START + last
        keys = tuple(("A", f"P{n}") for n in range(len(counts)))
        ends = np.full(len(counts), end)
        panel = Panel(keys, Period.DAY, seen, ends, np.full((len(counts), 1), np.nan))
        for outlook in forecast(panel, STEPS, ("dynamic-count", "conflictology")):
            standings = tuple(standing(row, end) for row in outlook.panel.counts)
            yield WatchResult("provinces", "attacks", outlook, standings, end + 1)


class Ledger:
    """Follows every region's alert from run to run, as a service does."""

    def __init__(self, rule: BlockRule) -> None:
        self.rule, self.opened = rule, Counter[RegionKey]()
        self._open: dict[RegionKey, Alert] = {}

    def take(self, found: list[Evaluation], number: int) -> None:
        for evaluation in found:
            previous = self._open.get(evaluation.region)
            moment = Moment(f"2022-01-01T00:00:00.{number:06d}Z", f"run {number}")
            alert = step(previous, evaluation, self.rule, moment).alert
            self.opened[evaluation.region] += previous is None and alert is not None
            if alert is not None and alert.state is not AlertState.RESOLVED:
                self._open[evaluation.region] = alert
            else:
                self._open.pop(evaluation.region, None)


def test_a_one_day_spike_rings_once_at_most() -> None:
    ledgers = {"forecast": Ledger(rule_on_forecasts()), "observed": Ledger(rule_on_counts())}
    for number, seen in enumerate(replay(days_with_spikes())):
        for ledger in ledgers.values():
            open_regions = set(seen.outlook.panel.keys)
            note = RunNote(date.fromordinal(int(seen.outlook.panel.ends[0])))
            ledger.take(rules.read(ledger.rule, seen, note, open_regions), number)
    told = ", ".join(f"{ledger.opened.total()} {kind}" for kind, ledger in ledgers.items())
    assert set(ledgers["observed"].opened.values()) == {1}  # the day itself: no false alarm
    assert max(ledgers["forecast"].opened.values()) == 1
    print(f"row 32: {REGIONS} spikes of {SPIKES}, {AFTER} daily runs after each: alerts: {told}")


def episodes(crossed: list[bool], calm: int) -> int:
    """Return the stretches of crossed steps that so many calm ones in a row keep apart."""
    count, since = 0, calm
    for each in crossed:
        if each:
            count += since >= calm
            since = 0
        else:
            since += 1
    return count


def jitter(read: Callable[[int], Evaluation], rule: BlockRule, steps: int) -> tuple[int, int]:
    """Return alerts opened and episodes over some steps, each with newly complete data."""
    ledger, crossed = Ledger(rule), []
    for number in range(steps):
        evaluation = read(number)
        crossed.append(evaluation.readings[0].crossed)
        ledger.take([evaluation], number)
    return ledger.opened.total(), episodes(crossed, rule.clear_after)


def test_counts_that_jitter_around_a_threshold_ring_once_an_episode() -> None:
    steps, rng = 10_000, np.random.default_rng(39)
    first = Period.MONTH.of(date(1150, 1, 1))
    counts = rng.poisson(6.0, steps).tolist()
    asked = rule_on_counts(levels=[{"severity": "high", "at_least": 8}], clear_after=3)
    plain = result([[1.0]])

    def read(number: int) -> Evaluation:
        panel = Panel(
            plain.outlook.panel.keys, Period.MONTH, np.array([[6.0, counts[number]]]),
            np.array([first + number]), np.full((1, 1), np.nan),
        )  # fmt: skip
        outlook = type(plain.outlook)(
            panel, plain.outlook.predictive, plain.outlook.members, plain.outlook.weights, ("",)
        )
        seen = WatchResult(
            "provinces", "events", outlook, (standing(panel.counts[0], first + number),),
            first + number + 1,
        )  # fmt: skip
        (found,) = rules.read(asked, seen, RunNote(date(2022, 1, 1)), {panel.keys[0]})
        return found

    opened, found = jitter(read, asked, steps)
    assert 1 < opened <= found < sum(count >= 8 for count in counts)
    print(f"row 39, rules: {steps} jittering periods: {opened} alerts in {found} episodes")
