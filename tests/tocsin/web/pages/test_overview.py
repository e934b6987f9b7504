"""Which rows of a table are shown, in which order."""

from typing import Any

import pytest

from tests.tocsin.sheets_of import sheet
from tocsin.forecast_table import Row, likeliest, running
from tocsin.web.packed import packed
from tocsin.web.pages.overview import SIZES, Asked, Found, chosen


def row(region: str, tempo: int | None = 1, **more: Any) -> Row:
    (made,) = sheet([region]).rows
    return {**made, "tempo": {"period": "2022-09", "count": tempo}, **more}


def found_in(rows: list[Row], **asked: Any) -> Found:
    return chosen([packed(one) for one in rows], Asked(**asked))


def names(rows: list[Row], **asked: Any) -> list[str]:
    return [one["region"] for one in found_in(rows, **asked).rows]


def test_without_a_wish_rows_stand_as_the_sheet_has_them() -> None:
    rows = [row("b"), row("a"), row("c")]
    assert names(rows) == ["b", "a", "c"]


def test_rows_without_a_value_stand_last_in_either_direction() -> None:
    rows = [row("unknown", None), row("low", 1), row("high", 9)]
    assert names(rows, sort="tempo") == ["low", "high", "unknown"]
    assert names(rows, sort="tempo", down=True) == ["high", "low", "unknown"]


@pytest.mark.parametrize(
    "sort", ["baseline", "level", "forecast", "probability", "change", "skill", "age"]
)
def test_every_column_can_be_sorted(sort: Any) -> None:
    assert sorted(names([row("b"), row("a")], sort=sort)) == ["a", "b"]


def test_names_are_found_by_a_part_whatever_the_case() -> None:
    rows = [row("Borno state"), row("Yobe state"), row("Straße")]
    assert names(rows, q="BORNO") == ["Borno state"]
    assert names(rows, q="strasse") == ["Straße"]
    assert names(rows, q="*") == []


def test_alerts_are_told_apart_by_state() -> None:
    alert = {"id": "al_1", "rule": "r", "severity": "severe", "since": "s"}
    rows = [
        row("firing", alert={**alert, "state": "firing"}),
        row("pending", alert={**alert, "state": "pending"}),
        row("calm"),
    ]
    assert names(rows, alert="open") == ["firing", "pending"]
    assert names(rows, alert="firing") == ["firing"]
    assert names(rows, alert="pending") == ["pending"]
    assert names(rows, alert="none") == ["calm"]


def test_a_least_probability_leaves_out_rows_that_no_rule_reads() -> None:
    level = row("likely")["rules"][0]
    rows = [row("likely", rules=[{**level, "probability": 0.6}]), row("unread", rules=[])]
    assert names(rows, least=60) == ["likely"]
    assert names(rows, least=61) == []
    assert likeliest(rows[1]) is None


def test_a_page_beyond_the_last_is_the_last() -> None:
    found = found_in([row(str(n)) for n in range(7)], size=3, page=99)
    assert (found.page, found.pages, found.matching, len(found.rows)) == (3, 3, 7, 1)


def test_an_address_leaves_out_what_goes_without_saying() -> None:
    assert Asked().told() == {}
    assert Asked(q="x", page=3).told(page=4) == {"q": "x", "page": 4}


def test_a_heading_turns_the_order_round_and_goes_back_to_the_first_page() -> None:
    assert Asked(page=3).sorted_by("tempo") == {"sort": "tempo", "down": 1}
    assert Asked(sort="tempo", down=True).sorted_by("tempo") == {"sort": "tempo"}
    assert Asked().sorted_by("region") == {"sort": "region"}


def test_the_running_period_is_the_first_that_is_forecast() -> None:
    steps = [{"status": "expected, not yet reported"}, {"status": "forecast", "period": "x"}]
    assert running({"forecast": steps}) == steps[1]
    assert running({"forecast": steps[:1]}) is None


def test_a_hundred_rows_are_the_most_of_a_page() -> None:
    assert SIZES[-1] == 100
