"""Alerts over the history of seven countries: do they come true as often as they say?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alerts.rates import share
from alerts.skill import Outcome
from bench.alerts import FIXED, PROBABILITIES, Replayed, curve, ladder, precisions, rang, replayed
from bench.development import panels

pytestmark = [pytest.mark.realdata, pytest.mark.nightly]


@pytest.fixture(scope="module")
def history() -> list[Replayed]:
    return [replayed(panel) for panel in panels().values()]


@pytest.fixture(autouse=True)
def _needs_the_files(real_data: Callable[[str], Path]) -> None:
    real_data("ucdp_ged_extract.csv.gz")


def test_alerts_that_rang_with_70_percent_come_true_at_least_that_often(
    history: list[Replayed],
) -> None:
    found = [
        outcome is Outcome.TRUE
        for each in history
        for column in range(len(ladder()))
        for _, outcome in rang(each.track, column)
    ]
    true = share(sum(found), len(found))
    assert true["n"] >= 300
    assert true["high_95"] >= 0.65
    assert true["value"] <= 0.85
    print(f"rang with 65 to 75 %: {true['value']:.3f} of {true['n']} alerts came true")


def test_rules_on_forecasts_are_right_oftener_than_the_naive_rule_at_its_recall(
    history: list[Replayed],
) -> None:
    naive, points = curve(history, FIXED.index(5), quiet=1)
    assert len(points) == len(PROBABILITIES)
    sums = [point.sums().sum(axis=0) for point in points]
    recall, *both = precisions(naive.sums().sum(axis=0)[None], np.array([sums]))[0][:3]
    assert both[1] > 1.15 * both[0]
    print(f"line 5, recall {recall:.2f}: precision {both[1]:.2f}, naive {both[0]:.2f}")
