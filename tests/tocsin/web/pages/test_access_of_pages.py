"""Who sees and does what on pages: tokens, cookies, marks, watches."""

import re

import pytest

from tests.tocsin.web.conftest import TOKENS, Site

HTML = {"Accept": "text/html"}


def come_in(site: Site, who: str, after: str = "/") -> dict[str, str]:
    answer = site.post("/login", data={"token": TOKENS[who], "next": after})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == after
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    return {"Cookie": cookie.partition(";")[0], **HTML}


def test_a_browser_without_a_token_is_asked_for_one(guarded: Site) -> None:
    answer = guarded.get("/watches/places", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/watches/places"
    assert "Come in" in guarded.get("/login", headers=HTML).text


def test_a_token_becomes_a_cookie_that_opens_what_the_token_opens(guarded: Site) -> None:
    inside = come_in(guarded, "oslo")
    assert guarded.get("/watches/places", headers=inside).status_code == 200
    hidden = guarded.get("/watches/provinces", headers=inside)
    assert hidden.status_code == 404
    assert "no watch is called" in hidden.text
    home = guarded.get("/", headers=inside).text
    assert "places" in home
    assert "provinces" not in home


def test_a_wrong_token_is_told_so_and_gets_no_cookie(guarded: Site) -> None:
    answer = guarded.post("/login", data={"token": "x" * 32, "next": "/"})
    assert answer.status_code == 401
    assert "not known" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("after", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_nobody_is_sent_elsewhere_after_coming_in(guarded: Site, after: str) -> None:
    answer = guarded.post("/login", data={"token": TOKENS["desk"], "next": after})
    assert answer.headers["location"] == "/"


def alert_of(site: Site) -> str:
    (found,) = site.get("/api/v1/alerts", "desk").json()["items"]
    return f"/alerts/{found['alert']}"


def test_a_reader_sees_no_forms_and_other_watches_alerts_are_not_there(guarded: Site) -> None:
    inside = come_in(guarded, "oslo")
    assert guarded.get(alert_of(guarded), headers=inside).status_code == 404
    feeds = guarded.get("/feeds", headers=inside)
    assert feeds.status_code == 200


def test_the_deliveries_are_for_who_sees_every_watch(guarded: Site) -> None:
    own, other = (
        guarded.get("/deliveries", headers=come_in(guarded, who)) for who in ("desk", "oslo")
    )
    assert (own.status_code, other.status_code) == (200, 404)
    assert "Storm" in own.text
    assert "Storm" not in other.text


def test_the_handover_speaks_of_the_readers_own_watches_only(guarded: Site) -> None:
    name = alert_of(guarded).removeprefix("/alerts/")
    guarded.post(f"/api/v1/alerts/{name}/notes", "desk", json={"text": "only for the desk"})
    silence = {"match": {"region": "Freedonia/Storm"}, "until": "2h", "reason": "an exercise"}
    assert guarded.post("/api/v1/silences", "desk", json=silence).status_code == 201
    own, other = (
        guarded.get("/handover", headers=come_in(guarded, who)) for who in ("desk", "oslo")
    )
    assert (own.status_code, other.status_code) == (200, 200)
    for told in ("Storm", "only for the desk", "an exercise"):
        assert told in own.text
        assert told not in other.text


def test_a_write_needs_the_mark_of_the_page(guarded: Site) -> None:
    inside = {**come_in(guarded, "desk"), "Origin": guarded.url}
    alert = alert_of(guarded)
    forged = guarded.post(f"{alert}/note", headers=inside, data={"text": "x", "mark": "0" * 64})
    assert forged.status_code == 403
    assert "load the page again" in forged.text
    page = guarded.get(alert, headers=inside).text
    (mark, *_) = re.findall(r'name="mark" value="([0-9a-f]+)"', page)
    told = guarded.post(
        f"{alert}/note", headers=inside, data={"text": "seen", "mark": mark, "by": "Eve"}
    )
    assert told.status_code == 303
    story = guarded.get(alert, headers=inside).text
    assert "noted: seen" in story
    assert "<strong>desk</strong>" in story, "who has a name of their own cannot take another"
    assert "Eve" not in story


def test_a_form_of_another_kind_is_refused(guarded: Site) -> None:
    inside = {**come_in(guarded, "desk"), "Origin": guarded.url}
    alert = alert_of(guarded)
    answer = guarded.post(f"{alert}/note", headers=inside, json={"text": "x"})
    assert answer.status_code == 415


def test_files_are_kept_by_browsers_and_nothing_else_is_served(site: Site) -> None:
    text = site.get("/").text
    (sheet,) = re.findall(r'href="(/static/[0-9a-f]+/tocsin.css)"', text)
    answer = site.get(sheet)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert site.get("/static/000000000000/tocsin.css").status_code == 404
    assert site.get("/static/000000000000/..%2Fapp.py").status_code == 404


def test_pages_weigh_under_300_kilobytes_and_load_no_inline_code(site: Site) -> None:
    watch = "/watches/provinces"
    for path in ("/", watch, f"{watch}/map", f"{watch}/region?name=Freedonia/Storm"):
        answer = site.get(path)
        assert len(answer.content) < 300_000
        assert "style=" not in answer.text
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text))
        assert "default-src 'none'" in answer.headers["content-security-policy"]
