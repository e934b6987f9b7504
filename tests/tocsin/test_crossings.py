"""What rules were said to be likely to do, and what they did."""

import pytest

from core.settings import RuleSettings
from tests.tocsin.sheets_of import OCTOBER, RULE, result
from tocsin.record.crossings import crossings

KABUL, HERAT = ("Kabul",), ("Herat",)


def rule(**changes: object) -> RuleSettings:
    return RuleSettings.model_validate(RULE.model_dump() | changes)


@pytest.mark.parametrize(
    ("aggregate", "counts", "came"),
    [
        ("any", (3, 0), True),
        ("any", (2, 2), False),
        ("total", (2, 2), True),
        ("total", (1, 1), False),
    ],
)
def test_a_level_came_true_by_the_counts_of_its_window(
    aggregate: str, counts: tuple[int, int], came: bool
) -> None:
    made = result([KABUL], [[2.0, 3.0]])
    known = {(KABUL, OCTOBER + n): count for n, count in enumerate(counts)}
    (found,) = crossings(rule(within=2, aggregate=aggregate), made, known)
    assert (found.rule, found.severity, found.region) == ("tempo", "severe", KABUL)
    assert (found.said, found.came) == (OCTOBER, came)
    assert 0 < found.probability < 1


def test_a_window_that_is_not_complete_waits_even_if_it_has_crossed() -> None:
    made = result([KABUL, HERAT], [[2.0, 3.0], [2.0, 3.0]])
    known = {(KABUL, OCTOBER): 99, (HERAT, OCTOBER): 0, (HERAT, OCTOBER + 1): 0}
    assert [one.region for one in crossings(rule(within=2), made, known)] == [HERAT]


def test_periods_that_were_over_when_it_was_said_do_not_count() -> None:
    made = result([KABUL], [[2.0] * 4], newest=OCTOBER - 3)
    known = {(KABUL, OCTOBER - 1): 99, (KABUL, OCTOBER): 0}
    (found,) = crossings(rule(within=1), made, known)
    assert not found.came


def test_a_rule_that_looks_further_than_the_forecasts_reads_nothing() -> None:
    made = result([KABUL], [[2.0, 3.0]])
    known = {(KABUL, OCTOBER + n): 1 for n in range(9)}
    assert list(crossings(rule(within=3), made, known)) == []
