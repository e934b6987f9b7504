"""CAP messages, checked against the standard as written out in cap-1.2.xsd, by a real parser."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from alerts import registry
from alerts.channels.cap_meaning import meaning
from alerts.channels.channel import Channel, DeliveryError, Surroundings
from alerts.messages import compose
from core.alerts import AlertState, Delivery, Json
from core.clock import FixedClock
from tests.alerts.samples import NOW, alert, body, delivery, event

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("cap-1.2.xsd")))
CAP = {"c": "urn:oasis:names:tc:emergency:cap:1.2"}
ELEMENTS = set(etree.parse(Path(__file__).with_name("cap-1.2.xsd")).xpath("//@name"))
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def channel(
    folder: Path, groupings: dict[str, tuple[str, ...]] | None = None, **keys: Any
) -> Channel:
    given = {"name": "cap", "kind": "cap", "folder": "cap", "sender": "tocsin@example.org"}
    made = registry.settings_class("cap").model_validate({**given, **keys})
    around = Surroundings(folder, {}, FixedClock(NOW), io.StringIO(), groupings=groupings or {})
    return registry.open_channel(made, around)


def published(folder: Path) -> list[Any]:
    """The messages in the folder, oldest first, each valid."""
    found = [etree.parse(path).getroot() for path in sorted((folder / "cap").glob("2*.xml"))]
    for one in found:
        SCHEMA.assertValid(one)
    return found


def said(of: Any, *names: str) -> list[str]:
    return [of.findtext(f".//c:{name}", "", CAP) for name in names]


def step(sequence: int, reason: str, **told: Any) -> Delivery:
    state = {"cleared": AlertState.RESOLVED}.get(reason, AlertState.FIRING)
    of = alert(state=state)
    at = f"2022-10-0{3 + sequence}T06:00:00.000000Z"
    made = replace(event(of, reason, **told), sequence=sequence, at=at)
    return replace(delivery(sequence), body=compose(of, made).model_dump(mode="json"))


def test_links_to_our_pages_stand_where_cap_has_them(tmp_path: Path) -> None:
    made = compose(alert(), event(alert()), site="https://tocsin.example.org")
    channel(tmp_path).send(replace(delivery(), body=made.model_dump(mode="json")))
    [found] = published(tmp_path)
    page = "https://tocsin.example.org/alerts/al_0123456789abcdef0123"
    assert said(found, "web", "uri", "mimeType") == [page, f"{page}/region", "text/html"]


def test_without_links_cap_names_no_page(tmp_path: Path) -> None:
    channel(tmp_path).send(delivery())
    [found] = published(tmp_path)
    assert said(found, "web", "uri") == ["", ""]


def test_a_forecast_alert_is_valid_cap(tmp_path: Path) -> None:
    answer = channel(tmp_path).send(delivery())
    [found] = published(tmp_path)
    assert answer.endswith("-msg_00000000000000000001.xml")
    assert said(found, "sender", "sent", "status", "msgType", "scope", "category") == [
        "tocsin@example.org",
        "2022-10-03T06:00:00+00:00",
        *("Actual", "Alert", "Restricted", "Security"),
    ]
    assert said(found, "urgency", "severity", "certainty", "responseType", "areaDesc") == [
        *("Future", "Moderate", "Likely", "Prepare", "Afghanistan/Kabul"),
    ]
    assert said(found, "onset", "expires") == [
        "2022-10-01T00:00:00+00:00",
        "2023-01-01T00:00:00+00:00",
    ]
    assert said(found, "event", "instruction") == ["Forecast of deadly events", "Check convoys."]
    assert len(said(found, "headline")[0]) <= 160
    assert "How likely: about 3 in 4 (75 %)" in said(found, "description")[0].splitlines()


def test_programs_read_the_figures_as_parameters(tmp_path: Path) -> None:
    channel(tmp_path).send(delivery())
    [found] = published(tmp_path)
    pairs = {one[0].text: one[1].text for one in found.iterfind(".//c:parameter", CAP)}
    assert pairs["tocsin:threshold"] == "8"
    assert pairs["tocsin:probability"] == "0.74"
    assert pairs["tocsin:expected_low_90"] == "4"
    assert pairs["tocsin:severity"] == "elevated"


@pytest.mark.parametrize(
    ("columns", "region", "codes"),
    [
        (("country", "admin1"), ("Afghanistan", "Kabul province"), ["AFG", "AF-KAB"]),
        (("country", "admin1"), ("Nigeria", "Borno state"), ["NGA", "NG-BO"]),
        (("admin1", "country"), ("Borno", "Nigeria"), ["NGA", "NG-BO"]),
        (("country", "admin1"), ("Nigeria", "nowhere that is known"), ["NGA"]),
        (("country",), ("DR Congo (Zaire)",), ["COD"]),
        (("country", "actor"), ("Mali", "A group"), ["MLI"]),
        (("admin1",), ("Georgia",), []),
        (("country",), ("Afghanistan", "Kabul"), []),
        (("country", "admin1"), ("(abroad)", "(unknown)"), []),
        ((), ("Afghanistan", "Kabul"), []),
    ],
)
def test_a_place_has_the_codes_of_iso_3166_where_they_are_sure(
    tmp_path: Path, columns: tuple[str, ...], region: tuple[str, ...], codes: list[str]
) -> None:
    channel(tmp_path, {"provinces": columns}).send(delivery(region=region))
    [found] = published(tmp_path)
    pairs = [(one[0].text, one[1].text) for one in found.iterfind(".//c:area/c:geocode", CAP)]
    assert [code for _, code in pairs] == codes
    assert [system for system, _ in pairs] == ["ISO3166-1-alpha-3", "ISO3166-2"][: len(codes)]


def test_later_steps_refer_to_all_earlier_ones_whatever_is_sent_again(tmp_path: Path) -> None:
    way = channel(tmp_path)
    steps = [
        step(1, "crossed_enough_runs"),
        step(2, "escalated"),
        step(3, "cleared", probability=0.1),
    ]
    for one in steps:
        way.send(one)
    before = {path.name: path.read_bytes() for path in (tmp_path / "cap").iterdir()}
    for one in reversed(steps):
        way.send(one)
    assert {path.name: path.read_bytes() for path in (tmp_path / "cap").iterdir()} == before
    first, second, third = published(tmp_path)
    reference = "tocsin@example.org,msg_{:020x},2022-10-0{}T06:00:00+00:00".format
    assert said(first, "msgType", "references") == ["Alert", ""]
    assert said(second, "msgType", "references") == ["Update", reference(1, 4)]
    assert said(third, "references") == [f"{reference(1, 4)} {reference(2, 5)}"]
    assert said(third, "msgType", "responseType", "urgency") == ["Update", "AllClear", "Past"]


def test_another_alert_is_not_referred_to(tmp_path: Path) -> None:
    way = channel(tmp_path)
    way.send(delivery())
    other = step(2, "escalated")
    other.body["data"]["alert_id"] = "al_another"
    way.send(other)
    assert said(published(tmp_path)[1], "msgType", "references") == ["Alert", ""]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"probability": 0.5}, {"certainty": "Possible"}),
        ({"probability": 0.51}, {"certainty": "Likely"}),
        ({"label": "simulated data"}, {"status": "Exercise"}),
        ({"about": "feed"}, {"status": "System", "certainty": "Unknown"}),
        ({"about": "observed", "probability": 1.0}, {"certainty": "Observed"}),
        ({"about": "observed", "probability": 0.9}, {"certainty": "Likely"}),
        ({"action": ""}, {"response": "Monitor"}),
        ({"state": "resolved"}, {"urgency": "Past"}),
        ({"severity": "extreme"}, {"severity": "Extreme"}),
        ({"reason": "came_true"}, {"certainty": "Observed"}),
        ({"reason": "undecided"}, {"certainty": "Unknown"}),
    ],
)
def test_what_a_message_means_in_the_words_of_cap(changes: Json, expected: Json) -> None:
    made = body()
    made["data"] |= changes
    meant = meaning(made, known=True)._asdict()
    assert {name: meant[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("alert.firing", False, ("Alert", "Prepare")),
        ("alert.reminder", True, ("Update", "Prepare")),
        ("alert.retracted", True, ("Cancel", "None")),
        ("alert.resolved", True, ("Update", "AllClear")),
        ("alert.judged", True, ("Update", "None")),
    ],
)
def test_only_a_retraction_cancels_and_only_the_end_of_danger_is_an_all_clear(
    kind: str, known: bool, expected: tuple[str, str]
) -> None:
    meant = meaning({**body(), "type": kind}, known=known)
    assert (meant.msg_type, meant.response) == expected


def test_a_trial_is_a_test() -> None:
    assert meaning({**body(), "type": "alert.test"}, known=False).status == "Test"


def test_a_wider_scope_is_only_as_configured(tmp_path: Path) -> None:
    channel(tmp_path, scope="Public").send(delivery())
    [found] = published(tmp_path)
    assert said(found, "scope", "restriction") == ["Public", ""]
    private = channel(tmp_path / "p", scope="Private", addresses=["duty officer", "soc"])
    private.send(delivery())
    [found] = published(tmp_path / "p")
    assert said(found, "addresses") == ['"duty officer" soc']


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "two words"},
        {"sender": "a,b"},
        {"sender": "a&b"},
        {"scope": "Private"},
        {"restriction": " "},
        {"public_url": "https://example.org/no-slash"},
        {"public_url": "javascript:alert(1)/"},
    ],
)
def test_settings_that_no_reader_could_take_are_refused(wrong: Json) -> None:
    given = {"name": "cap", "kind": "cap", "folder": "cap", "sender": "tocsin@example.org"}
    with pytest.raises(ValidationError):
        registry.settings_class("cap").model_validate({**given, **wrong})


def test_the_feed_lists_the_newest_first_and_links_to_the_files(tmp_path: Path) -> None:
    way = channel(tmp_path, public_url="https://example.org/cap/", title="Duty & Co")
    for one in (step(1, "crossed_enough_runs"), step(2, "escalated")):
        way.send(one)
    feed = etree.parse(tmp_path / "cap" / "feed.xml")
    names = [one.get("href") for one in feed.iterfind("a:entry/a:link", ATOM)]
    assert [name.rpartition("-")[2] for name in names] == [
        f"msg_{number:020x}.xml" for number in (2, 1)
    ]
    assert all(name.startswith("https://example.org/cap/2022100") for name in names)
    assert feed.findtext("a:title", None, ATOM) == "Duty & Co"
    assert feed.findtext("a:updated", None, ATOM) == "2022-10-05T06:00:00+00:00"
    ids = [one.text for one in feed.iterfind(".//a:id", ATOM)]
    assert len(set(ids)) == 3
    assert all(one.startswith("urn:uuid:") for one in ids)


def test_a_strange_file_in_the_folder_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cap").mkdir()
    (tmp_path / "cap" / "20221001T000000Z-al_0123456789abcdef0123-0-x.xml").write_text("<a", "utf8")
    way = channel(tmp_path)
    way.send(delivery())
    assert len(etree.parse(tmp_path / "cap" / "feed.xml").findall("a:entry", ATOM)) == 1


def test_a_folder_that_cannot_be_written_is_a_transient_failure(tmp_path: Path) -> None:
    (tmp_path / "cap").write_text("a file stands here")
    with pytest.raises(DeliveryError, match="cannot write in cap") as caught:
        channel(tmp_path).send(delivery())
    assert caught.value.transient


PAYLOADS = st.lists(
    st.sampled_from(
        ["<x>", "]]>", "&amp;", "\x00", "\x1b", "\ufffe", "\u202e", "\ud800", "a b", '"', "\n", "é"]
    ),
    min_size=1,
    max_size=5,
).map("".join)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(PAYLOADS)
def test_hostile_names_leave_the_document_valid(
    tmp_path_factory: pytest.TempPathFactory, payload: str
) -> None:
    folder = tmp_path_factory.mktemp("cap")
    names = dict.fromkeys(("place", "unit", "action", "label", "rule", "watch", "note"), payload)
    channel(folder).send(delivery(**names))
    [found] = published(folder)
    assert {etree.QName(node).localname for node in found.iter()} <= ELEMENTS
    etree.parse(folder / "cap" / "feed.xml")


def test_the_feed_stays_short_while_the_folder_keeps_all(tmp_path: Path) -> None:
    way = channel(tmp_path)
    way.send(delivery(1))
    template = next((tmp_path / "cap").glob("2*.xml"))
    for number in range(120):
        template.with_name(f"20230101T0000{number:03d}Z-al_x-1-m{number}.xml").write_bytes(
            template.read_bytes()
        )
    way.send(delivery(2))
    entries = etree.parse(tmp_path / "cap" / "feed.xml").findall("a:entry", ATOM)
    assert len(entries) == 100
    assert len(list((tmp_path / "cap").glob("2*.xml"))) == 122
