"""What operators write over the API: the same as on the command line, under their own names."""

import logging
from collections.abc import Iterator

import pytest

from tests.acceptance.town import Town
from tests.tocsin.web.conftest import Site
from tocsin.web.gate import MOST_BODY


def firing(site: Site, who: str | None = "desk") -> str:
    (alert,) = site.get("/api/v1/alerts", who).json()["items"]
    return str(alert["alert"])


def test_an_alert_is_acknowledged_and_noted_under_the_name_of_the_token(
    guarded: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/api/v1/alerts/{firing(guarded)}"
    body = {"until": "36h", "note": "calling the field"}
    with caplog.at_level(logging.INFO, "tocsin.web"):
        done = guarded.post(f"{path}/acknowledgements", "desk", json=body)
    assert done.status_code == 201, done.text
    assert done.json()["acknowledged_by"] == "desk"
    assert guarded.post(f"{path}/notes", "desk", json={"text": "all safe"}).status_code == 201
    assert f"write by desk (token): POST {path}/acknowledgements" in caplog.text
    told = guarded.get(path, "desk").json()
    assert [(one["by"], one["kind"]) for one in told["actions"]] == [
        ("desk", "acknowledged"),
        ("desk", "noted"),
    ]
    shown = Town(guarded.folder).tocsin("alerts", "show", path.rpartition("/")[2])
    assert "all safe" in shown.out


def test_a_silence_is_made_listed_and_lifted(guarded: Site) -> None:
    body = {"match": {"region": "Freedonia/*"}, "until": "7d", "reason": "known exercise"}
    made = guarded.post("/api/v1/silences", "desk", json=body)
    assert made.status_code == 201, made.text
    assert (made.json()["by"], made.json()["mutes"]) == ("desk", 1)
    (listed,) = guarded.get("/api/v1/silences", "desk").json()["items"]
    assert listed["reason"] == "known exercise"
    assert guarded.get("/api/v1/alerts", "desk").json()["items"][0]["silence"] == 1
    lifted = guarded.ask("DELETE", "/api/v1/silences/1", "desk")
    assert lifted.json()["ended_by"] == "desk"
    assert guarded.get("/api/v1/silences", "desk").json()["items"] == []
    assert guarded.ask("DELETE", "/api/v1/silences/1", "desk").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"text": ""}, 422, "text: "),
        ({"text": " \u200b "}, 400, "is empty"),
        ({"text": "x", "by": "somebody else"}, 400, "by: you are 'desk'; leave it out"),
        ({"text": "x", "bye": "x"}, 422, "bye: extra inputs are not permitted"),
        ({"text": "x" * 2001}, 422, "at most 2000 characters"),
    ],
)
def test_a_note_that_cannot_be_meant_is_refused_in_one_line(
    guarded: Site, body: dict[str, str], status: int, words: str
) -> None:
    answer = guarded.post(f"/api/v1/alerts/{firing(guarded)}/notes", "desk", json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]


def test_readers_write_nothing_and_see_no_alert_of_other_watches(guarded: Site) -> None:
    alert = firing(guarded)
    assert guarded.get("/api/v1/alerts", "oslo").json()["items"] == []
    assert guarded.get(f"/api/v1/alerts/{alert}", "oslo").status_code == 404
    refused = guarded.post(f"/api/v1/alerts/{alert}/notes", "oslo", json={"text": "x"})
    assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")


def test_part_of_an_id_names_no_alert(guarded: Site) -> None:
    assert guarded.get(f"/api/v1/alerts/{firing(guarded)[:8]}", "desk").status_code == 404


def test_from_this_machine_a_page_of_another_site_cannot_write(site: Site) -> None:
    path = f"/api/v1/alerts/{firing(site, None)}/notes"
    for headers in (
        {},
        {"Origin": "http://evil.example.org"},
        {"Origin": site.url, "Sec-Fetch-Site": "cross-site"},
        {"Origin": site.url.replace("127.0.0.1", "localhost")},
    ):
        answer = site.post(path, headers=headers, json={"text": "forged"})
        assert answer.status_code == 403, headers
    assert site.get(path.removesuffix("/notes")).json()["actions"] == []


def test_a_body_that_never_ends_is_cut_whatever_length_it_claims(guarded: Site) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(4):
            yield b"a" * MOST_BODY

    answer = guarded.post(
        "/api/v1/silences", "desk", data=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["detail"] == "a request may have 64 kB at the most"


def raised(site: Site, **more: str) -> dict[str, str]:
    known = {"watch": "provinces", "region": "Freedonia/Calm", "severity": "high"}
    return {**known, "note": "the base fell", **more}


def test_an_alert_is_raised_and_ended_under_the_name_of_the_token(guarded: Site) -> None:
    made = guarded.post("/api/v1/alerts", "desk", json=raised(guarded))
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["region"], found["severity"], found["state"]) == (
        "Freedonia/Calm",
        "high",
        "firing",
    )
    assert found["told"] == {"channels": ["screen"], "reasons": []}
    path = f"/api/v1/alerts/{found['alert']}"
    assert len(guarded.get("/api/v1/alerts", "desk").json()["items"]) == 2
    ended = guarded.post(f"{path}/resolutions", "desk", json={"note": "retaken"})
    assert ended.status_code == 201, ended.text
    assert ended.json()["state"] == "resolved"
    assert [(one["by"], one["kind"]) for one in ended.json()["actions"]] == [
        ("desk", "raised"),
        ("desk", "resolved"),
    ]
    shown = Town(guarded.folder).tocsin("alerts", "show", found["alert"])
    assert "the base fell" in shown.out
    assert "retaken" in shown.out
    again = guarded.post(f"{path}/resolutions", "desk", json={"note": "twice"})
    assert (again.status_code, "is resolved already" in again.json()["detail"]) == (400, True)


def test_a_rules_alert_is_ended_too(guarded: Site) -> None:
    path = f"/api/v1/alerts/{firing(guarded)}/resolutions"
    assert guarded.post(path, "desk", json={"note": "an exercise"}).json()["state"] == "resolved"
    assert guarded.get("/api/v1/alerts", "desk").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"region": "Freedonia/Cam"}, 400, "did you mean 'Freedonia/Calm'"),
        ({"watch": "atlantis"}, 404, "no watch is called 'atlantis'"),
        ({"severity": "loud"}, 422, "severity: "),
        ({"note": ""}, 422, "note: "),
        ({"note": "\u200b"}, 400, "is empty"),
        ({"by": "somebody else"}, 400, "by: you are 'desk'"),
    ],
)
def test_an_alert_that_cannot_be_meant_is_not_raised(
    guarded: Site, change: dict[str, str], status: int, words: str
) -> None:
    answer = guarded.post("/api/v1/alerts", "desk", json=raised(guarded, **change))
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]
    assert len(guarded.get("/api/v1/alerts", "desk").json()["items"]) == 1


def test_one_raised_by_hand_is_not_raised_twice(guarded: Site) -> None:
    assert guarded.post("/api/v1/alerts", "desk", json=raised(guarded)).status_code == 201
    again = guarded.post("/api/v1/alerts", "desk", json=raised(guarded))
    assert (again.status_code, "is open" in again.json()["detail"]) == (400, True)


def test_readers_raise_and_end_nothing(guarded: Site) -> None:
    path = f"/api/v1/alerts/{firing(guarded)}/resolutions"
    assert guarded.post("/api/v1/alerts", "oslo", json=raised(guarded)).status_code == 403
    assert guarded.post(path, "oslo", json={"note": "x"}).status_code == 403
    assert guarded.post(path, json={"note": "x"}).status_code == 401
