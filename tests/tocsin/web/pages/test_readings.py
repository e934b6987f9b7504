"""How likely n or more are, from the joint forecast."""

from itertools import pairwise

import numpy as np
import pytest

from tests.tocsin.sheets_of import poisson_like
from tocsin.web.pages.readings import readings


def test_the_table_says_what_rules_say() -> None:
    law = poisson_like([[2.0, 3.0]])
    table = readings(law, 0, 1, asked=4)
    row = table.at(4)
    assert table.counts[row] == 4
    assert table.any_of[row] == law.any_at_least(4, 0, 1)[0]
    assert table.total[row] == law.total_at_least(4, 0, 1)[0]
    assert table.periods[row] == law.probability_at_least(4)[0].tolist()


def test_probabilities_never_rise_with_the_count() -> None:
    table = readings(poisson_like([[40.0, 90.0]]), 0, 1, asked=7)
    assert list(table.counts) == sorted(set(table.counts))
    for column in (table.any_of, table.total, *np.array(table.periods).T.tolist()):
        assert all(a >= b for a, b in pairwise(column))
    assert len(table.counts) <= 70


def test_any_and_total_of_one_period_are_exact() -> None:
    law = poisson_like([[2.0, 3.0]])
    table = readings(law, 1, 1, asked=3)
    exact = law.probability_at_least(3)[0, 1]
    assert table.any_of[table.at(3)] == table.total[table.at(3)] == exact


def test_a_count_that_is_not_in_the_table_reads_its_nearest() -> None:
    table = readings(poisson_like([[2.0]]), 0, 0, asked=3)
    assert table.counts[table.at(10**6)] == table.counts[-1]


def test_every_period_is_read_as_the_forecast_says_it_at_every_count() -> None:
    law = poisson_like([[40.0, 900.0]])
    table = readings(law, 0, 1, asked=2_000)
    for n, row in zip(table.counts, table.periods, strict=True):
        assert row == pytest.approx(law.probability_at_least(n)[0].tolist(), abs=1e-12)
