"""`[[calendars]]`: what may be said, what a mistake is told as, and where known dates turn up."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from alerts import rules
from alerts.evidence import RunNote
from core.calendars import Calendar, Occasion
from core.errors import ConfigError
from core.periods import Period
from core.series import Panel
from tests.tocsin.sheets_of import RULE, WATCH, result
from tests.tocsin.test_config import GOOD, written
from tocsin.calendars import dated
from tocsin.config import Config, load
from tocsin.explanation import explanation
from tocsin.forecast_table import Beside, rows_of

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
SUMMARY:{name}
DTSTART;VALUE=DATE:20221120
DTEND;VALUE=DATE:20221123
END:VEVENT
END:VCALENDAR
"""


def configured(folder: Path, keys: str, name: str = "Vote") -> Config:
    (folder / "dates.ics").write_text(ICS.format(name=name).replace("\n", "\r\n"))
    return load(written(folder, f'{GOOD}\n[[calendars]]\nname = "dates"\n{keys}\n'))


def test_a_file_beside_the_configuration_is_read(tmp_path: Path) -> None:
    (calendar,) = configured(tmp_path, 'path = "dates.ics"\ncountries = ["AFG"]').calendars
    vote = Occasion("Vote", date(2022, 11, 20), date(2022, 11, 22))
    assert calendar == Calendar("dates", (vote,), ("AFG",), "*")


def test_a_countrys_holidays_hold_in_that_country(tmp_path: Path) -> None:
    keys = 'country = "Afghanistan"\nonly = ["Eid*"]'
    (calendar,) = configured(tmp_path, keys).calendars
    assert {one.name for one in calendar.occasions} == {"Eid al-Fitr", "Eid al-Adha"}
    assert calendar.countries == ("Afghanistan",)


def test_another_content_of_the_file_is_another_configuration(tmp_path: Path) -> None:
    one = configured(tmp_path, 'path = "dates.ics"').digest
    assert configured(tmp_path, 'path = "dates.ics"').digest == one
    assert configured(tmp_path, 'path = "dates.ics"', "Election").digest != one


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("", "give path or country, one of the two"),
        ('path = "a.ics"\ncountry = "NGA"', "give path or country, one of the two"),
        ('path = "dates.ics"\ncategories = ["public"]', "categories are for"),
        ('path = "none.ics"', "none.ics: cannot be read"),
        ('path = "config.toml"', "is no iCalendar file"),
        ('path = "dates.ics"\nonly = ["Eid*"]', "no known date is left"),
        ('country = "Atlantis"', "knows no country"),
        ('path = "dates.ics"\nregion = "x"', "regions"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_table(tmp_path: Path, keys: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, keys)
    line = caught.value.line()
    assert told in line
    assert "config.toml" in line
    assert "\n" not in line


def test_a_panel_gets_the_dates_of_each_region_once() -> None:
    keys = (("Nigeria", "Borno"), ("Niger", "Diffa"), ("Nigeria", "Kano"))
    panel = Panel(keys, Period.MONTH, np.ones((3, 4)), np.full(3, 24_000), np.zeros((3, 0)))
    vote = Occasion("Vote", date(2023, 2, 25), date(2023, 2, 25))
    found = dated(panel, ("country", "admin1"), [Calendar("v", (vote,), ("NGA",))])
    assert found.occasions == ((vote,), (), (vote,))
    assert found.occasions[0] is found.occasions[2]
    assert found.rows(1, 3).occasions == ((), (vote,))
    assert dated(panel, ("country", "admin1"), ()) is panel


def test_messages_tell_of_the_dates_in_their_window() -> None:
    vote = Occasion("Vote", date(2022, 11, 20), date(2022, 11, 22))
    past = Occasion("Eid", date(2022, 9, 1), date(2022, 9, 30))
    made = result([("Kabul",)], [[2.0, 3.0]])
    panel = dated(made.outlook.panel, ("admin1",), [Calendar("dates", (past, vote))])
    made = replace(made, outlook=replace(made.outlook, panel=panel))
    (found,) = rules.read(RULE, made, RunNote(date(2022, 10, 3)))
    told = {"name": "Vote", "first": "2022-11-20", "last": "2022-11-22"}
    assert found.facts["known_dates"] == [told]


def test_dates_in_the_window_stand_in_table_and_explanation() -> None:
    vote = Occasion("Vote", date(2022, 11, 20), date(2022, 11, 22))
    past = Occasion("Eid", date(2022, 9, 1), date(2022, 9, 30))
    later = Occasion("Feast", date(2022, 12, 1), date(2022, 12, 1))
    calendars = [Calendar("dates", (past, vote, later))]
    made = result([("Kabul",)], [[2.0, 3.0]])
    (row,) = rows_of(made, Beside(WATCH, [RULE], date(2022, 10, 3), calendars=calendars))
    assert row["known_dates"] == [
        {
            "name": "Vote",
            "first": "2022-11-20",
            "last": "2022-11-22",
            "words": "Vote 20–22 November 2022",
        }
    ]
    assert "In the window: Vote 20–22 November 2022." in explanation(None, row)["words"]
