"""The table as text, JSON and CSV: what people, programs and spreadsheets get."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from forecast.skill import Ratio, Skill, Verdict
from tests.tocsin.sheets_of import sheet
from tocsin.forecast_table import Sheet, skill_row
from tocsin.table_columns import initials, percent, share
from tocsin.table_output import CSV_COLUMNS, write


def printed(form: str, names: list[str], *, raw: bool = False, label: str = "") -> str:
    out = io.StringIO()
    write([sheet(names, label)], form, out, raw=raw)
    return out.getvalue()


def in_all_forms(made: Sheet) -> dict[str, str]:
    shown = {}
    for form in ("text", "json", "csv"):
        out = io.StringIO()
        write([made], form, out)
        shown[form] = out.getvalue()
    return shown


def test_text_names_its_run_its_label_and_what_the_numbers_mean() -> None:
    text = printed("text", ["Kabul"], label="simulated data")
    first = text.splitlines()[0]
    assert first == (
        "provinces: attacks per month; run 7, cut-off 2022-10-01. SIMULATED DATA"
    )  # fmt: skip
    assert "median (90 % interval) of attacks" in text
    assert "Data complete to 2022-09-30, 3 days old." in text
    assert "dc dynamic-count, c conflictology" in text
    assert "·▅█" in text


def test_a_region_that_loses_to_last_12_says_so_with_the_number_of_its_forecasts() -> None:
    made = sheet(["Kabul", "Herat"])
    skill = Skill(Verdict.WORSE, Ratio(1.24, 1.05, 1.5), 96, 24)
    made.rows[0]["skill"] = skill_row(skill)
    made = replace(made, skill=skill._replace(verdict=Verdict.EQUAL))
    out = io.StringIO()
    write([made], "text", out)
    text = out.getvalue()
    assert "vs last 12 months" in text
    assert "worse (n 96)" in text
    assert "too few to say (n 0)" in text
    assert "All regions: about as good, 1.24 of its error (96 forecasts of 24 months" in text
    out = io.StringIO()
    write([made], "json", out)
    told = json.loads(out.getvalue())[0]["regions"][0]["skill"]
    assert told == {
        "against_last_year": "worse",
        "crps_ratio": 1.24,
        "low_90": 1.05,
        "high_90": 1.5,
        "forecasts": 96,
        "periods": 24,
    }


def test_a_change_of_level_is_dated_with_its_probability_in_every_format() -> None:
    made = sheet(["Kabul", "Herat"])
    made.rows[0]["level_since"] = {"period": "2021-10", "mean": 3.46, "probability": 0.8}
    shown = in_all_forms(made)
    assert "Level since" in shown["text"]
    assert "2021-10 (80 %)" in shown["text"]
    assert "blank where no change is more probable than not" in shown["text"]
    assert json.loads(shown["json"])[0]["regions"][1]["level_since"] is None
    rows = list(csv.DictReader(io.StringIO(shown["csv"])))
    told = [[row[f"level_{name}"] for name in ("since", "mean", "probability")] for row in rows]
    assert told[0] == ["2021-10", "3.46", "0.8"]
    assert told[-1] == ["", "", ""]
    assert "Level since" not in printed("text", ["Kabul"])


def test_text_shows_forty_rows_and_says_how_many_more_there_are() -> None:
    text = printed("text", [f"P{n:03d}" for n in range(60)])
    assert sum(line.strip().startswith("P0") for line in text.splitlines()) == 40
    assert "20 more regions: --format json or csv has all." in text


class Terminal(io.StringIO):
    """A screen that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_on_a_terminal_columns_give_way_and_say_so_but_never_a_region_or_an_interval(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    made = sheet(["Khyber Pakhtunkhwa District"])
    made.rows[0]["level_since"] = {"period": "2023-09", "mean": 8.8, "probability": 0.8}
    made.rows[0]["rules"] = [{"at_least": 6, "probability": 0.74}] * 2
    out = Terminal()
    write([made], "text", out, raw=False)
    text = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    head, _, row = text.splitlines()[2:5]
    first = made.rows[0]["forecast"][0]
    assert "Khyber" in row
    assert f"{first['median']} ({first['low_90']}–{first['high_90']})" in row
    assert "≥6: 74 % ≥6: 74 %" in row
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= max(columns, 76)
    assert ("Models" in head) is (columns == 200)
    assert ("too narrow for" in text) is (columns < 200)


def test_totals_are_marked_everywhere_and_apart_where_somebody_may_sum() -> None:
    made = sheet(["All of it", "Kabul"])
    made.rows[0].update(total=True, note="sum of 2 regions")
    made.rows[1]["alerts"] = [{"severity": "severe", "state": "firing"}] * 3
    shown = in_all_forms(made)
    assert "All of it (total)" in shown["text"]
    assert "All of it (total): sum of 2 regions." in shown["text"]
    assert "severe, firing +2" in shown["text"]
    (document,) = json.loads(shown["json"])
    assert [[row["region"] for row in document[key]] for key in ("totals", "regions")] == [
        ["All of it"],
        ["Kabul"],
    ]
    rows = list(csv.DictReader(io.StringIO(shown["csv"])))
    assert {(row["region"], row["total"], row["open_alerts"]) for row in rows} == {
        ("Kabul", "false", "3"),
        ("All of it", "true", "0"),
    }


def test_reasons_of_a_degraded_run_stand_under_the_table() -> None:
    out = io.StringIO()
    write([sheet(["Kabul"], reasons=("feed x is stale",))], "text", out)
    assert "Degraded: feed x is stale" in out.getvalue()


def test_json_is_one_document_with_all_regions() -> None:
    (document,) = json.loads(printed("json", [f"P{n:03d}" for n in range(60)]))
    assert len(document["regions"]) == 60
    assert document["run"] == 7


def test_csv_has_its_columns_and_a_line_per_region_and_horizon() -> None:
    lines = list(csv.reader(io.StringIO(printed("csv", ["Kabul", "Herat"]))))
    assert tuple(lines[0]) == CSV_COLUMNS
    assert len(lines) == 1 + 2 * 2


TRIGGERS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "|cmd",
]
TRIGGERS += ["%0A=1", "\n=1"]


@pytest.mark.parametrize("name", TRIGGERS)
def test_no_cell_starts_a_formula_unless_raw_is_asked(name: str) -> None:
    for text in (printed("csv", [name]), printed("csv", [f"{name};{name}"])):
        for line in list(csv.reader(io.StringIO(text)))[1:]:
            assert not any(cell.lstrip().startswith(tuple("=+-@＝＋－＠|%")) for cell in line)
    raw = list(csv.reader(io.StringIO(printed("csv", [name], raw=True))))
    assert not raw[1][1].startswith("'")


def test_row_50_formula_triggers_leave_no_live_cell() -> None:
    lines = list(csv.reader(io.StringIO(printed("csv", TRIGGERS))))[1:]
    live = [cell for line in lines for cell in line if cell.strip()[:1] in set("=+-@＝＋－＠|%")]
    assert live == []
    print(f"row 50: {len(TRIGGERS)} triggers, {sum(map(len, lines))} cells, 0 live")


@pytest.mark.parametrize("name", ["\x1b[2Jgone", "a\u202eb", "x\u0000y", "tab\tname", "\x9b31m"])
def test_names_cannot_move_the_cursor_or_hide_letters(name: str) -> None:
    text = printed("text", [name])
    assert not any(ch in text for ch in "\x1b\u202e\x00\x9b\t")


def test_probabilities_never_claim_certainty() -> None:
    assert [percent(p) for p in (0.0, 0.009, 0.01, 0.425, 0.99, 0.991, 1.0)] == [
        "<1 %", "<1 %", "1 %", "42 %", "99 %", ">99 %", ">99 %",
    ]  # fmt: skip
    assert [initials(name) for name in ("dynamic-count", "prophet")] == ["dc", "p"]


def test_a_share_of_what_was_counted_may_be_all_or_nothing() -> None:
    assert [share(observed) for observed in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        *("0 %", "<1 %", "50 %", ">99 %", "100 %"),
    ]
