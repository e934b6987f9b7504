"""Ratios in words that never say more than the numbers."""

import pytest

from tocsin.brief.intervals import rate_ratio
from tocsin.brief.wording import bounds, change, fold, pace, several


def compared(before: int, since: int, months_before: float = 12, months_since: float = 12) -> dict:
    """Return a comparison as a brief's document has it."""
    ratio = rate_ratio(since, months_since, before, months_before)._asdict()
    ratio |= {"bursts_low_95": None, "bursts_high_95": None}
    sides = {"before": (before, months_before), "since": (since, months_since)}
    paces = {
        side: {"events": n, "months": m, "a_month": n / m if m else None}
        for side, (n, m) in sides.items()
    }
    return {**paces, "ratio": ratio}


@pytest.mark.parametrize(
    ("before", "since", "words"),
    [
        (6, 29, "nearly 5 times (4.8 times; 95 % interval 2.0 to 14.2)"),
        (3, 32, "more than 10 times (10.7 times; 95 % interval 3.3 to 54.4)"),
        (100, 261, "more than double (2.6 times; 95 % interval 2.1 to 3.3)"),
        (100, 200, "double (2.0 times; 95 % interval 1.6 to 2.6)"),
        (100, 190, "nearly double (1.9 times; 95 % interval 1.5 to 2.4)"),
        (100, 140, "40 % more (1.4 times; 95 % interval 1.1 to 1.8)"),
        (533, 231, "57 % fewer (0.43 times; 95 % interval 0.37 to 0.51)"),
        (0, 17, "from none (95 % interval 4.1 or more)"),
        (0, 3, "from none (95 % interval 0.41 or more); chance alone could explain it"),
        (8, 0, "none since (0.00 times; 95 % interval 0.00 to 0.59)"),
        (20, 20, "as many (1.0 times; 95 % interval 0.51 to 2.0); chance alone could explain it"),
        (0, 0, "none before and none since"),
    ],
)
def test_a_change_is_told_with_its_interval(before: int, since: int, words: str) -> None:
    assert change(compared(before, since)) == words


def test_bursts_widen_what_is_told_and_what_chance_can_do() -> None:
    found = compared(100, 140)
    found["ratio"] |= {"bursts_low_95": 0.8, "bursts_high_95": 2.5}
    assert change(found) == (
        "40 % more (1.4 times; 95 % interval 1.1 to 1.8; allowing for bursts 0.80 to 2.5); "
        "chance alone could explain it"
    )


def test_without_a_before_nothing_is_compared() -> None:
    found = compared(0, 14, months_before=0)
    assert change(found) == "nothing to compare it with: the data do not go further back"
    assert (fold(found), bounds(found["ratio"])) == ("–", "–")
    assert (
        pace(found, "attacks", "1 May 2022")
        == "1.2 attacks a month since 1 May 2022 (14 in 12 months)"
    )


def test_rates_are_told_with_their_counts_and_lengths() -> None:
    found = compared(233, 190, 43.4, 13.5)
    assert pace(found, "attacks", "15 August 2021") == (
        "14.1 attacks a month since 15 August 2021 (190 in 13.5 months), "
        "5.4 a month before (233 in 43.4 months)"
    )
    assert (fold(compared(6, 29)), fold(compared(0, 2))) == ("4.8 ×", "from none")


def test_one_is_not_several() -> None:
    assert [several(n, "day") for n in (0, 1, 2, 1000)] == [
        *("no days", "1 day", "2 days", "1,000 days")
    ]
