"""What is said of a forecast: every figure in words, and nothing that is not worth a word."""

from datetime import date
from typing import Any

import pytest

from core.explanations import Arrived, Change, Revised
from tests.tocsin.sheets_of import OCTOBER, RULE, WATCH, result
from tocsin.explanation import explanation
from tocsin.forecast_table import Beside, rows_of

SEPTEMBER = OCTOBER - 1
STANDS = "2022-09, the newest complete month, had 4"


def row(**changes: Any) -> dict[str, Any]:
    made = result([("Kabul",)], [[2.0, 3.0]])
    (found,) = rows_of(made, Beside(WATCH, [RULE], date(2022, 10, 3)))
    return found | changes


def change(**parts: Any) -> Change:
    plain = {
        "run": 6,
        "cutoff": date(2022, 9, 24),
        "period": OCTOBER,
        "before": 9.0,
        "arrived": 0.0,
        "revised": 0.0,
        "program": 0.0,
    }
    return Change(**(plain | parts))


def moved(one: Change | None) -> str:
    words: list[str] = explanation(one, row())["words"]
    return words[1]


def test_it_says_what_is_expected_where_the_region_stands_and_which_models_said_so() -> None:
    words = explanation(None, row(note="too little history for prophet"))["words"]
    assert words == [
        "Expected in 2022-10: 2.0 attacks (90 % interval 0 to 7).",
        "No earlier run forecast it: there is no change to explain.",
        f"{STANDS}; the baseline, the mean of 2021-09 to 2022-08, is 1.5.",
        "Made by dynamic-count 75 %, conflictology 25 % (too little history for prophet).",
    ]


def test_a_region_without_a_baseline_or_a_complete_count_says_less() -> None:
    bare = row(baseline={"mean": None, "from": "2022-09", "to": "2022-09"})
    assert f"{STANDS}." in explanation(None, bare)["words"]
    unknown = row(tempo={"period": "2022-09", "count": None})
    assert not any("newest complete" in word for word in explanation(None, unknown)["words"])


def test_a_lasting_change_of_level_is_told_with_its_probability() -> None:
    level = {"period": "2021-10", "mean": 7.26, "probability": 0.86}
    words = explanation(None, row(level_since=level))["words"]
    assert "Its level has been about 7.3 a month since 2021-10 (probability 86 %)." in words


def test_a_region_whose_data_ended_before_the_horizon_says_nothing() -> None:
    assert explanation(None, row(forecast=[]))["words"] == []


def test_a_month_that_came_in_is_set_beside_what_was_expected_of_it() -> None:
    one = change(arrived=2.1, new_periods=(Arrived(SEPTEMBER, 18, 12.1),))
    assert moved(one) == (
        "2.1 more than in run 6 (cut-off 2022-09-24), which expected 9.0: "
        "2022-09 came in at 18, 12.1 had been expected (+2.1)."
    )


def test_withdrawn_events_and_found_ones_are_named_with_their_months() -> None:
    periods = (Revised(SEPTEMBER - 6, 5, 3), Revised(SEPTEMBER - 5, 1, 2))
    one = change(revised=-0.42, revised_periods=periods, revised_in_all=4)
    assert moved(one).endswith(
        ": 2 fewer known of 2022-03, 1 more known of 2022-04, and 2 more months changed (−0.4)."
    )
    assert moved(one).startswith("0.4 fewer than in run 6")


def test_effects_that_cancel_are_both_told() -> None:
    one = change(
        arrived=2.1,
        new_periods=(Arrived(SEPTEMBER, 18, None),),
        program=-2.1,
        causes=("version", "configuration"),
    )
    assert moved(one) == (
        "As in run 6 (cut-off 2022-09-24), which expected 9.0: 2022-09 came in at 18 (+2.1); "
        "another version or another configuration (−2.1)."
    )


def test_effects_too_small_to_matter_are_not_told() -> None:
    one = change(arrived=0.04, revised=-0.03, program=1e-12, causes=("configuration",))
    assert moved(one) == "As in run 6 (cut-off 2022-09-24), which expected 9.0."
    large = change(before=900.0, arrived=8.0)
    assert moved(large) == "As in run 6 (cut-off 2022-09-24), which expected 900.0."


def test_many_new_periods_are_added_up() -> None:
    periods = tuple(Arrived(SEPTEMBER - n, 4, 2.5) for n in (3, 2, 1, 0))
    assert "the 4 months 2022-06 to 2022-09 came in at 16 in all, 10.0 had been expected" in moved(
        change(arrived=3.0, new_periods=periods)
    )
    unexpected = (periods[0]._replace(expected=None), *periods[1:])
    assert "came in at 16 in all (+3.0)" in moved(change(arrived=3.0, new_periods=unexpected))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("arrived", "what has come in of open periods so far (+1.0)"),
        ("revised", "late reports are judged anew (+1.0)"),
        ("program", "the program (+1.0)"),
    ],
)
def test_an_effect_without_a_period_has_its_words(part: str, words: str) -> None:
    assert words in moved(change(**{part: 1.0}))


def test_machines_get_the_same_as_numbers() -> None:
    one = change(
        arrived=2.1,
        revised=-0.4,
        new_periods=(Arrived(SEPTEMBER, 18, 12.1),),
        revised_periods=(Revised(SEPTEMBER - 6, 5, 3),),
        revised_in_all=1,
    )
    assert explanation(one, row())["change"] == {
        "since_run": 6,
        "since": "2022-09-24",
        "period": "2022-10",
        "before": 9.0,
        "after": 10.7,
        "new_data": {
            "effect": 2.1,
            "periods": [{"period": "2022-09", "count": 18, "expected": 12.1}],
        },
        "revised_data": {
            "effect": -0.4,
            "periods_changed": 1,
            "periods": [{"period": "2022-03", "before": 5, "after": 3}],
        },
        "program": {"effect": 0.0, "causes": []},
    }
    assert explanation(None, row())["change"] is None
