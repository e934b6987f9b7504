"""Fan charts: their facts, their words, and what is drawn."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydantic import ValidationError

from charts import aside, fan_rows
from charts.drawing import png, svg
from charts.fan import Counted, Fan, Forecast, Incomplete, LevelSince, Line, Mark, alt_text
from charts.fan_spec import spec
from charts.theme import dark_rules
from core.periods import Period

SEPTEMBER = Period.MONTH.of(date(2022, 9, 1))
PNG = b"\x89PNG\r\n\x1a\n"
PAYLOADS = (
    "</svg><script>alert(1)</script>",
    '{"signal": "alert(1)"}',
    "'+toString()+'",
    "datum.low; alert(1)",
    "<image href='http://192.0.2.1/x'/>",
    "http://192.0.2.1/x.png",
    "\x1b[2J\u202e\x00Kabul",
    "a.b[0]\\'\"",
)


def span(index: int, period: Period = Period.MONTH) -> dict[str, Any]:
    first, last = period.start(index), period.end(index)
    return {"first": first, "last": last, "label": period.label(index)}


def fan(**changes: Any) -> Fan:
    given: dict[str, Any] = {
        "title": "Afghanistan/Kabul",
        "unit": "deadly events",
        "per": Period.MONTH,
        "counted": [
            Counted(count=count, **span(SEPTEMBER - 3 + i)) for i, count in enumerate([3, None, 5])
        ],
        "incomplete": [Incomplete(reported=4, median=7, low_90=5, high_90=10, **span(SEPTEMBER))],
        "forecast": [
            Forecast(median=m, low_50=6, high_50=11, low_90=3, high_90=18, **span(SEPTEMBER + i))
            for i, m in enumerate([8, 9], 1)
        ],
        "thresholds": [Line(label="elevated", count=8), Line(label="severe", count=20)],
        "baseline": 4.25,
        "level_since": LevelSince(first=date(2022, 7, 1), mean=6.0),
    }
    return Fan(**{**given, **changes})


def drawn(chart: Fan) -> etree._Element:
    return etree.fromstring(svg(spec(chart)).encode())


def texts(picture: etree._Element) -> list[str]:
    return ["".join(node.itertext()) for node in picture.iter("{*}text")]


def test_the_words_tell_what_the_picture_shows() -> None:
    assert alt_text(fan()) == (
        "Chart of Afghanistan/Kabul: deadly events per month. "
        "Counts 2022-06 to 2022-08: 3 to 5, 1 unknown; newest 5 in 2022-08. "
        "2022-09 still incomplete with 4 so far, 7 expected (90 % interval 5 to 10). "
        "Forecast 2022-10 to 2022-11: median 8 to 9, 90 % interval 3 to 18. "
        "Lines: elevated 8, severe 20, baseline 4.2, level since 2022-07-01 6.0."
    )


def test_the_words_of_a_bare_chart_claim_nothing() -> None:
    bare = fan(incomplete=[], forecast=[], thresholds=[], baseline=None, level_since=None)
    assert alt_text(bare).endswith("newest 5 in 2022-08.")
    only = fan(counted=[Counted(count=None, **span(SEPTEMBER))], incomplete=[])
    assert "No complete counts" in alt_text(only)


@pytest.mark.parametrize(
    "wrong",
    [
        {"counted": [], "forecast": []},
        {"baseline": float("nan")},
        {"baseline": -1.0},
        {"surprise": 1},
        {"incomplete": [{**span(SEPTEMBER), "reported": 1, "median": 2}]},
        {"counted": [{**span(SEPTEMBER), "last": date(2022, 8, 1), "count": 1}]},
        {
            "forecast": [
                {**span(SEPTEMBER), "median": 9, "low_50": 1, "high_50": 8, "low_90": 0}
                | {"high_90": 10}
            ]
        },
    ],
)
def test_facts_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        fan(**wrong)


def test_a_picture_names_its_lines_and_marks_what_is_unknown() -> None:
    shown = texts(drawn(fan(note="simulated data")))
    assert {"Afghanistan/Kabul", "deadly events per month"} <= set(shown)
    assert any("SIMULATED DATA" in told for told in shown)
    assert {"elevated: 8", "severe: 20", "baseline 4.2", "?"} <= set(shown)
    assert "?" not in texts(drawn(fan(counted=[Counted(count=0, **span(SEPTEMBER - 1))])))


def test_a_mark_points_at_its_day_where_the_chart_reaches_it() -> None:
    opened = Period.MONTH.start(SEPTEMBER)
    inside = Mark(first=opened, last=opened, label="alert opened")
    shown = texts(drawn(fan(marks=[inside, LONG_AGO])))
    assert "alert opened" in shown
    assert "long ago" not in shown


@pytest.mark.parametrize("period", list(Period))
def test_one_period_ahead_is_drawn_too(period: Period) -> None:
    index = period.of(date(2022, 10, 3))
    ahead = Forecast(median=2, low_50=1, high_50=3, low_90=0, high_90=6, **span(index, period))
    chart = Fan(title="x", unit="incidents", per=period, forecast=[ahead])
    boxes = drawn(chart).xpath("//*[contains(@class, 'mark-rect')]//*[local-name()='path']")
    assert len(boxes) == 2


def test_names_from_outside_are_text_and_nothing_else() -> None:
    live = set()
    for payload in PAYLOADS:
        chart = fan(
            title=payload, unit=payload, note=payload, thresholds=[Line(label=payload, count=8)]
        )
        picture = drawn(chart)
        live |= {etree.QName(node).localname for node in picture.iter("*")}
        assert Fan.model_validate_json(chart.model_dump_json()) == chart
        assert any(chart.thresholds[0].label in told for told in texts(picture))
        assert not picture.xpath("//@href | //@onclick | //@*[local-name()='href']")
    assert not live & {"script", "image", "a", "foreignObject", "use"}
    print(f"chart injection: {len(PAYLOADS)} payloads x 4 texts, 0 live")


def test_both_themes_differ_and_equal_facts_give_equal_bytes() -> None:
    light, dark = png(fan()), png(fan(), "dark")
    assert light.startswith(PNG)
    assert dark.startswith(PNG)
    assert light != dark
    assert light == png(fan())
    assert len(light) < 150_000


def test_drawing_aside_gives_the_same_picture_and_loads_nothing_here() -> None:
    assert aside.png(fan()) == png(fan())
    code = "import charts.aside, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"altair", "vl_convert", "numpy", "pandas"} & set(done.stdout.split())


def test_a_drawing_that_hangs_or_breaks_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(aside.ChartError, match="took longer"):
        aside.png(fan(title="too slow"), seconds=0.01)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(aside.ChartError, match="FileNotFoundError"):
        aside.png(fan(title="no Python"))


def test_the_drawing_process_is_told_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_PASSWORD", "canary")
    show = tmp_path / "python"
    show.write_text("#!/bin/sh\nenv\n")
    show.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(show))
    environment = aside.png(fan(title="whoever asks")).decode()
    assert "PATH=" in environment
    assert "canary" not in environment


EID = Mark(first=date(2022, 10, 3), last=date(2022, 10, 5), label="Eid <b>")
LONG_AGO = Mark(first=date(1999, 1, 1), last=date(1999, 1, 1), label="long ago")


def test_known_dates_are_marked_in_the_chart_and_in_its_words() -> None:
    chart = fan(marks=[EID, LONG_AGO])
    assert "Marks: Eid <b> 2022-10-03 to 2022-10-05." in alt_text(chart)
    texts = [one.text for one in drawn(chart).iter("{*}text")]
    assert "Eid <b>" in texts
    assert "long ago" not in texts
    assert "Marks" not in alt_text(fan())


def test_names_of_marks_that_are_close_stand_one_below_the_other() -> None:
    days = [date(2022, 10, n) for n in range(1, 8)]
    chart = fan(marks=[Mark(first=day, last=day, label=f"day {day.day}") for day in days])
    heights = {
        one.text: height
        for one in drawn(chart).iter("{*}text")
        if (one.text or "").startswith("day ")
        for height in re.findall(r"translate\([^,]+,([^)]+)\)", one.get("transform", ""))
    }
    assert len(heights) == 7
    assert all(heights[f"day {n}"] != heights[f"day {n + 1}"] for n in range(1, 7))


def test_of_two_means_the_lower_comes_first_so_that_their_names_part() -> None:
    for level, order in ((6.0, ["baseline", "level"]), (2.0, ["level", "baseline"])):
        since = LevelSince(first=date(2022, 7, 1), mean=level)
        rows = fan_rows.means(fan(level_since=since))
        assert [row["said"].split()[0] for row in rows] == order


def test_every_colour_of_a_light_drawing_has_a_dark_one() -> None:
    rules = dark_rules(".chart")
    drawn = svg(spec(fan()))
    for what, colour in set(re.findall(r'(fill|stroke)="(#[0-9a-f]{6})"', drawn)):
        assert f'.chart [{what}="{colour}"] {{ {what}: #' in rules
    assert rules.startswith("@media screen and (prefers-color-scheme: dark)")
