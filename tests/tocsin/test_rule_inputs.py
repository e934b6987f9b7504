"""Stored results get their history back: every count in its own period, whoever's data moved on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.series import Cells, Panel
from forecast.series import Built
from tests.tocsin.sheets_of import OCTOBER, WATCH, result
from tocsin.rule_inputs import Counted, sightings, with_history

KEYS = [("A",), ("B",), ("C",)]
NONE = np.zeros(0, dtype=np.int64)


def counted(end: int, counts: list[list[float]]) -> Counted:
    """What is counted now of A and B; nothing is known of C any more."""
    keys = tuple(KEYS[: len(counts)])
    size = len(keys)
    panel = Panel(
        keys, WATCH.period, np.array(counts), np.full(size, end), np.full((size, 1), np.nan)
    )
    built = Built(panel, (), np.full(size, 3), OCTOBER, {})
    return Counted(WATCH, Cells(list(keys), NONE, NONE, NONE), built)


@pytest.mark.parametrize("later", [-1, 0, 2])
def test_history_is_laid_by_period(later: int) -> None:
    stored = result(KEYS, [[1.0, 1.0]] * 3)
    stored = replace(
        stored,
        outlook=replace(
            stored.outlook, panel=replace(stored.outlook.panel, counts=np.full((3, 2), np.nan))
        ),
    )
    rows = [[1.0, 2, 3, 4, 5], [6.0, 7, 8, 9, 10]]
    (found,) = with_history([stored], counted(OCTOBER - 1 + later, rows))
    panel = found.outlook.panel
    for row, counts in enumerate(rows):
        for ago, count in enumerate(reversed(counts)):
            column = panel.counts.shape[1] - 1 - ago + later
            if 0 <= column < panel.counts.shape[1]:
                assert panel.counts[row, column] == count
    assert np.isnan(panel.counts[2]).all()
    assert panel.ends.tolist() == stored.outlook.panel.ends.tolist()


def test_counts_that_the_run_kept_stand_as_it_saw_them() -> None:
    stored = result(KEYS, [[1.0, 1.0]] * 3)  # ones, in the three newest periods
    (found,) = with_history([stored], counted(OCTOBER - 1, [[9.0] * 5, [9.0] * 5]))
    assert found.outlook.panel.counts[0].tolist() == [9, 9, 1, 1, 1]
    assert found.outlook.panel.counts[2, -3:].tolist() == [1, 1, 1]


def test_sightings_end_where_the_series_do() -> None:
    seen = sightings(counted(OCTOBER - 1, [[1.0], [2.0]]), "attacks")
    assert seen.ends == {("A",): OCTOBER - 1, ("B",): OCTOBER - 1}
    assert (seen.unit, seen.running) == ("attacks", OCTOBER)
