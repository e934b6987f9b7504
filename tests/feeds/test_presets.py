"""Tables that need no mapping: the Global Terrorism Database, and trackers as people keep them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import FeedError
from core.incidents import Coverage, Incident
from core.text import fold
from feeds.presets import PRESETS
from feeds.presets.tracker import SPELLINGS
from feeds.registry import settings_class

from .conftest import Read, read, write_workbook

GTD = {
    "eventid": "202001050001", "iyear": "2020", "imonth": "1", "iday": "5", "approxdate": "",
    "extended": "0", "country": "123", "country_txt": "Mali", "provstate": "Gao",
    "city": "Ansongo", "latitude": "15.66", "longitude": "0.50", "specificity": "1", "crit1": "1",
    "doubtterr": "0", "attacktype1_txt": "Armed Assault", "targtype1_txt": "Military",
    "gname": "Group A", "nkill": "3", "nwound": "", "weaptype1_txt": "Firearms",
    "dbsource": "START Primary Collection",
}  # fmt: skip
"""Made up, with columns of the database's names; the rest of its 135 are not read."""


def gtd(*rows: dict[str, Any], without: str = "") -> str:
    names = [name for name in GTD if name != without]
    lines = [",".join({**GTD, **row}[name] for name in names) for row in rows]
    return "\n".join([",".join(names), *lines])


def only(found: Read) -> Incident:
    (incident,) = found.incidents
    return incident


def test_a_row_of_the_database_becomes_an_incident(pulled: Callable[..., Read]) -> None:
    found = only(pulled(gtd({}), preset="gtd", columns={}))
    assert found[:4] == ("202001050001", "2020-01-05", "2020-01-05", 1)
    assert (found.country, found.admin1, found.actor) == ("Mali", "Gao", "Group A")
    assert (found.target, found.kind, found.fatalities) == ("Military", "Armed Assault", 3)
    assert (found.latitude, found.longitude) == (15.66, 0.5)
    assert found.extra == (
        '{"city": "Ansongo", "crit1": "1", "doubtterr": "0", "specificity": "1", '
        '"weaptype1_txt": "Firearms"}'
    )


@pytest.mark.parametrize(
    ("month", "day", "dates"),
    [
        ("2", "0", ("2020-02-01", "2020-02-29", 4)),
        ("2.0", "0.0", ("2020-02-01", "2020-02-29", 4)),
        ("12", "0", ("2020-12-01", "2020-12-31", 4)),
        ("0", "0", ("2020-01-01", "2020-12-31", 5)),
        ("0", "17", ("2020-01-01", "2020-12-31", 5)),
        ("11", "9", ("2020-11-09", "2020-11-09", 1)),
    ],
)
def test_an_unknown_day_or_month_is_kept_at_what_is_known(
    pulled: Callable[..., Read], month: str, day: str, dates: tuple[str, str, int]
) -> None:
    found = only(pulled(gtd({"imonth": month, "iday": day}), preset="gtd", columns={}))
    assert found[1:4] == dates


@pytest.mark.parametrize(
    "wrong", [{"imonth": "13"}, {"imonth": "13", "iday": "0"}, {"iday": "32"}, {"iyear": "20"},
              {"iyear": ""}, {"iday": "x"}, {"iyear": "٢٠٢٠"}, {"iyear": "0000", "iday": "0"},
              {"imonth": "-9"}, {"iyear": "1066"}],
)  # fmt: skip
def test_a_date_that_cannot_be_meant_is_quarantined(
    pulled: Callable[..., Read], wrong: dict[str, str]
) -> None:
    rows = gtd({}, {**wrong, "eventid": "2"})
    found = pulled(rows, preset="gtd", columns={}, max_bad_share=1)
    if wrong == {"imonth": "-9"}:
        assert [one.date_precision for one in found.incidents] == [1, 5]
    else:
        assert len(found.incidents) == 1
        assert found.bad[0].reason.startswith("date ")


def test_unknown_names_and_figures_are_unknown(pulled: Callable[..., Read]) -> None:
    told = {"gname": "Unknown", "provstate": "Unknown", "nkill": "", "doubtterr": "-9"}
    found = only(pulled(gtd(told), preset="gtd", columns={}))
    assert (found.actor, found.admin1, found.fatalities) == (None, None, None)
    assert "doubtterr" not in str(found.extra)


def test_the_year_that_was_lost_is_not_covered(pulled: Callable[..., Read]) -> None:
    rows = gtd({"iyear": "1992"}, {"iyear": "1995", "eventid": "2"})
    found = pulled(rows, preset="gtd", columns={})
    assert [stretch for stretch in found.coverage if not stretch.country] == [
        Coverage("", date(1992, 1, 1), date(1992, 12, 31)),
        Coverage("", date(1994, 1, 1), date(1995, 1, 5)),
    ]


def test_another_table_is_not_taken_for_the_database(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="not the Global Terrorism Database: imonth missing"):
        pulled(gtd({}, without="imonth"), preset="gtd", columns={})


def test_columns_of_the_configuration_win_over_the_database_s(
    pulled: Callable[..., Read],
) -> None:
    found = only(pulled(gtd({}), preset="gtd", columns={"admin1": "city"}))
    assert found.admin1 == "Ansongo"


def test_the_database_reads_the_same_from_a_workbook(tmp_path: Path) -> None:
    cells = {name: float(text) if text.isdecimal() else text or None for name, text in GTD.items()}
    cells["iday"] = 0
    write_workbook(tmp_path / "f.xlsx", [list(cells), list(cells.values())])
    found = only(read(tmp_path, "excel", path="f.xlsx", preset="gtd"))
    assert found[:4] == ("202001050001", "2020-01-01", "2020-01-31", 4)
    assert found.fatalities == 3


TRACKER = "Ref.,Incident Date,Country,Province / State,Armed group,# Killed,Killed,Notes\n"


def test_the_columns_of_a_tracker_are_found_and_told(pulled: Callable[..., Read]) -> None:
    found = pulled(TRACKER + "7,2024-03-01,Mali,Gao,A,9,2,x", preset="tracker", columns={})
    one = only(found)
    assert (one.source_id, one.date, one.country, one.admin1) == ("7", "2024-03-01", "Mali", "Gao")
    assert (one.actor, one.fatalities, one.extra) == ("A", 9, None)
    taken, unused = found.pull.notes.remarks
    assert taken == (
        "columns taken: id = 'Ref.', date = 'Incident Date', country = 'Country', "
        "admin1 = 'Province / State', actor = 'Armed group', fatalities = '# Killed'"
    )
    assert unused == "columns not used: 'Killed', 'Notes'"


def test_columns_of_the_configuration_win_over_what_is_found(pulled: Callable[..., Read]) -> None:
    keys = {"columns": {"target": "Armed group", "note": "Notes"}, "constants": {"country": "Chad"}}
    one = only(pulled(TRACKER + "7,2024-03-01,Mali,Gao,A,9,2,x", preset="tracker", **keys))
    assert (one.country, one.actor, one.target, one.extra) == ("Chad", None, "A", '{"note": "x"}')


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("Country,Killed", "no column is known as the date; name them in columns; the file has"),
        ("Date,Civilians killed", "no column is known as the country or province; name them"),
        ("Latitude,Killed", "known as the date nor one as the country or province"),
    ],
)
def test_a_tracker_without_date_or_place_is_refused_with_what_it_has(
    pulled: Callable[..., Read], header: str, problem: str
) -> None:
    with pytest.raises(FeedError, match=problem) as caught:
        pulled(header + "\n1,2", preset="tracker", columns={})
    assert caught.value.mend.endswith(header.replace(",", ", "))


def test_coordinates_are_a_place_and_a_tracker_without_ids_says_what_that_means(
    pulled: Callable[..., Read],
) -> None:
    found = pulled("DATE,Lat,Long\n2024-03-01,1,2", preset="tracker", columns={})
    assert (only(found).latitude, only(found).longitude) == (1, 2)
    assert found.pull.notes.remarks[-1].startswith("no column of ids")


def test_a_column_that_is_a_part_of_the_deaths_is_not_their_number(
    pulled: Callable[..., Read],
) -> None:
    text = "date,country,civilians killed,killed soldiers\n2024-03-01,Mali,1,2"
    assert only(pulled(text, preset="tracker", columns={})).fatalities is None


def test_a_title_that_stands_there_twice_is_refused(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="column 'Date' stands there twice"):
        pulled("Date,Date,Country\n2024-03-01,2024-03-02,Mali", preset="tracker", columns={})


def test_no_spelling_stands_for_two_fields_and_each_is_as_titles_are_compared() -> None:
    every = [spelling for spellings in SPELLINGS.values() for spelling in spellings]
    assert len(set(every)) == len(every)
    assert all(spelling == " ".join(fold(spelling).split()) for spelling in every)


@settings(derandomize=True, max_examples=200)
@given(st.lists(st.text(max_size=12) | st.sampled_from(["Date", "country", "Killed", "ID"])))
def test_any_header_is_understood_or_refused_in_one_line(header: list[str]) -> None:
    for preset in PRESETS.values():
        try:
            found = preset.find("f", header, {}, {})
        except FeedError as refused:
            lines = refused.line().splitlines()
            if len(lines) != 1:
                raise
        else:
            assert set(found.columns.values()) <= set(header)
            assert "date" in found.columns or "iyear" in found.columns


@pytest.mark.parametrize(
    "keys",
    [{"preset": "acled"}, {}, {"preset": "tracker", "constants": {"date": "2024-01-01"}},
     {"preset": "tracker", "constants": {"id": "1"}}],
)  # fmt: skip
def test_presets_that_cannot_be_meant_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_class("csv").model_validate({"name": "f", "path": "f.csv", **keys})
