"""The outbreak test on real months: how often it rings, and what comes after."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alerts.rules.exceedance import exceedance
from core.periods import Period
from core.series import FloatArray
from tests.forecast.test_development_set import panels

pytestmark = pytest.mark.realdata

CHANCE, MINIMUM, YEAR = 0.01, 3, 12


def read(counts: FloatArray) -> tuple[int, int, int]:
    """Return region-months read, alarms, and alarms after which the level stayed up."""
    seen = alarms = lasting = 0
    for month in range(YEAR, counts.shape[1] - 3):
        before, now = counts[:, month - YEAR : month], counts[:, month]
        rings = now >= np.fmax(exceedance(before, CHANCE), MINIMUM)
        after = counts[:, month + 1 : month + 4].mean(axis=1)
        seen += len(now)
        alarms += int(rings.sum())
        lasting += int((rings & (after > before.mean(axis=1))).sum())
    return seen, alarms, lasting


def test_alarms_are_rare_and_most_are_followed_by_more(
    real_data: Callable[[str], Path],
) -> None:
    found = [
        read(panel.counts)
        for _, panel in panels(real_data("ucdp_ged_extract.csv.gz"), Period.MONTH)
    ]
    seen, alarms, lasting = np.sum(found, axis=0).tolist()
    assert 0.005 < alarms / seen < 0.06
    assert lasting / alarms > 0.6
    print(
        f"outbreak test, chance {CHANCE:g}, minimum {MINIMUM}: {alarms} alarms in {seen} "
        f"region-months ({alarms / seen:.1%}); in {lasting / alarms:.0%} the next quarter stayed "
        "above the year before"
    )
