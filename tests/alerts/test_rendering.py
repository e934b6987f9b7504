"""Messages as people read them, on a telephone, in a mail, on a terminal."""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.links import Links
from alerts.messages import Message, compose
from alerts.rendering import rows, subject, text
from core.alerts import AlertState
from tests.alerts.samples import SOURCE, alert, body, event, page

PLAIN = """\
What         ELEVATED: 8 or more deadly events in any month of the window
Where        Afghanistan/Kabul
When         1 October to 31 December 2022
How likely   about 3 in 4 (75 %)
Expected     9 deadly events in the largest month of the window (median); 90 %
             interval 4 to 17
Why          the forecast crossed its line: about 3 in 4; this level rings
             from 50 %
To do        Check convoys.
So far       ▆█ 5, 7: deadly events per month, 2022-08 to 2022-09; since then,
             still incomplete: 2 in 2022-10
Baseline     4.2 deadly events per month on average, 1 September 2021 to 31
             August 2022
Clears       2 runs in a row, each with newly complete months, in which the
             likelihood of every level is below 35 %
Data         complete to 30 September 2022, 3 days old; cut-off 3 October 2022
Made by      dynamic-count 0.70
Record       track record of such alerts: none yet
Alert        al_0123456789abcdef0123, step 1, rule tempo of provinces; to
             acknowledge: tocsin alerts ack al_01234567 --by NAME
Counted      incidents by country, admin1, per month
Sources      ucdp-afghanistan: Uppsala; CC BY 4.0; accessed 2 October 2022
"""


def message(**told: Any) -> Message:
    return Message.model_validate(body(**told))


def changed(**what: Any) -> Message:
    made = message()
    return made.model_copy(update={"data": made.data.model_copy(update=what)})


def row(name: str, **told: Any) -> str:
    return dict(rows(message(**told)))[name]


def test_the_text_tells_a_duty_officer_everything_in_reading_order() -> None:
    assert text(message()) == PLAIN


def test_place_window_and_likelihood_open_the_subject() -> None:
    assert subject(message()) == (
        "Afghanistan/Kabul · Oct–Dec 2022 · about 3 in 4 · "
        "ELEVATED: 8 or more deadly events in any month of the window"
    )


PLACES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=300)
WINDOWS = st.sampled_from(
    [
        {"period": "month", "window": {"first": "2022-10-01", "last": "2022-12-31", "periods": 3}},
        {"period": "week", "window": {"first": "2022-12-26", "last": "2023-01-22", "periods": 4}},
        {"period": "day", "window": {"first": "2022-10-03", "last": "2022-10-03", "periods": 1}},
    ]
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(place=PLACES, when=WINDOWS, label=st.sampled_from(["", "simulated data"]))
def test_window_and_likelihood_always_fit_the_first_sixty_characters(
    place: str, when: dict[str, Any], label: str
) -> None:
    made = message(place=place, label=label, **when)
    line = subject(made)
    lead = line[:60]
    short = {"month": "Oct–Dec 2022", "week": "26 Dec 2022–22 Jan 2023", "day": "3 Oct 2022"}
    assert f" · {short[when['period']]} · about 3 in 4" in " " + lead
    assert len(line) <= 200
    assert ("SIMULATED DATA" in line) == bool(label)


def test_a_long_place_keeps_its_last_part() -> None:
    line = subject(message(place="The Federal Democratic Republic of Somewhere/Borno state"))
    assert line.startswith("…/Borno state · Oct–Dec 2022 · about 3 in 4")


def test_a_label_is_loud_in_every_form() -> None:
    made = message(label="simulated data")
    assert text(made).startswith("*** SIMULATED DATA ***\n")
    assert "<strong>SIMULATED DATA</strong>" in page(made)
    assert "· SIMULATED DATA ·" in subject(made)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "8 or more deadly events in any month of the window"),
        ({"aggregate": "total"}, "8 or more deadly events in total"),
        (
            {"window": {"first": "2022-10-01", "last": "2022-10-31", "periods": 1}},
            "8 or more deadly events in the month",
        ),
    ],
)
def test_what_rings_is_said_for_the_window_it_speaks_of(told: dict[str, Any], said: str) -> None:
    assert row("What", **told) == f"ELEVATED: {said}"


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("period", "9 deadly events in the month (median)"),
        ("largest period", "9 deadly events in the largest month of the window (median)"),
        ("total", "9 deadly events in total over the window (median)"),
    ],
)
def test_what_is_expected_says_of_what(of: str, said: str) -> None:
    told = row("Expected", expected={"of": of, "median": 9, "low_90": 4, "high_90": 17})
    assert told == f"{said}; 90 % interval 4 to 17"


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.999, "more than 19 in 20 (above 95 %)"),
        (0.001, "less than 1 in 20 (below 5 %)"),
        (0.52, "about 1 in 2 (50 %)"),
    ],
)
def test_the_ends_of_the_scale_stay_open(probability: float, said: str) -> None:
    assert row("How likely", probability=probability) == said


def test_an_all_clear_says_so_first() -> None:
    ended = alert(state=AlertState.RESOLVED)
    made = compose(ended, event(ended, "cleared", probability=0.1))
    assert dict(rows(made))["What"].startswith("RESOLVED (was ELEVATED): ")
    assert "Clears" not in dict(rows(made))
    raised = compose(alert(), event(alert(), "escalated"))
    assert dict(rows(raised))["What"].startswith("RAISED TO ELEVATED: ")


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    gap = [{"period": "2022-08", "count": None}, {"period": "2022-09", "count": 7}]
    assert row("So far", recent=gap, seen_so_far=[]).startswith("·█ unknown, 7: deadly events")
    assert row("Baseline", baseline=None).startswith("unknown")
    assert "over but not yet reported: 2022-09" in row("Data", not_yet_reported=["2022-09"])
    assert row("Made by", note="only 3 months").endswith("(only 3 months)")
    assert "To do" not in dict(rows(message(action="")))


class Elements(HTMLParser):
    """Collects the names of the elements that a page opens."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: set[str] = set()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.opened.add(tag)


PAYLOADS = (
    *("<script>x</script>", "<img src=x onerror=y>", '"><a href=z>', "&lt;", "&#60;b&#62;"),
    *("\x1b[2J", "\x9b31m", "\r\n", "\x00", "\x07", "\u202e", "\u200b", "Kabul"),
)
HOSTILE = st.lists(st.sampled_from(PAYLOADS), min_size=1, max_size=4).map("".join)
ELEMENTS = {
    *("html", "head", "meta", "title", "body", "h1", "p", "strong", "table", "tr", "th", "td"),
}


@settings(max_examples=200, derandomize=True, deadline=None)
@given(HOSTILE)
def test_hostile_names_are_never_live_in_html_nor_on_a_terminal(payload: str) -> None:
    fields = ("place", "unit", "action", "label", "note", "rule", "watch")
    names = dict.fromkeys(fields, payload)
    made = message(**names, models=[{"model": payload, "weight": 1.0}])
    found = Elements()
    found.feed(page(made))
    assert found.opened <= ELEMENTS
    shown = text(made).replace("\n", "") + subject(made)
    assert not {unicodedata.category(ch) for ch in shown} & {"Cc", "Cf"}


def test_no_line_of_the_text_is_wider_than_a_terminal() -> None:
    made = message(action="Check every convoy and every depot. " * 20)
    assert max(map(len, text(made).splitlines())) <= 78


def test_a_dip_that_may_be_late_reporting_is_told_with_what_is_expected() -> None:
    late = {"period": "2022-09", "reported": 9, "median": 12, "low_90": 10, "high_90": 15}
    unseen = {**late, "period": "2022-10", "reported": None}
    told = row("So far", expected_when_complete=[late, unseen])
    assert "; 2022-09: reported 9, expected when complete 12 (10–15)" in told
    assert told.endswith("; 2022-10: reported nothing, expected when complete 12 (10–15)")


def test_hostile_credits_stay_on_their_line() -> None:
    source = {**SOURCE, "attribution": "Owner\r\nBcc: x\u202e", "licence": "<b>"}
    shown = message(sources=[source, {**SOURCE, "feed": "second"}])
    assert "Sources      ucdp-afghanistan: Owner Bcc: x; <b>; accessed 2 October 2022" in text(
        shown
    )
    assert "\n             second: Uppsala" in text(shown)
    assert "<b>" not in page(shown)


def test_where_no_page_is_linked_the_alert_says_how_it_is_acknowledged() -> None:
    assert row("Alert").endswith("; to acknowledge: tocsin alerts ack al_01234567 --by NAME")
    for change in ({"links": Links(alert="https://t.example/a")}, {"state": AlertState.RESOLVED}):
        assert "acknowledge" not in dict(rows(changed(**change)))["Alert"]


def test_a_number_and_its_percent_sign_stay_on_one_line() -> None:
    told = text(changed(reason_in_words=" ".join(["30 %"] * 60)))
    assert "30 %\n" in told
    assert not any(line.strip().startswith("%") for line in told.splitlines())
