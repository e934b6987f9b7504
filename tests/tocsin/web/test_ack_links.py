"""The link in a mail, from end to end: a real mail server, a real browser's requests, no token."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from alerts.tickets import PATH, Tickets
from core.alerts import Delivery, Json, NewDelivery
from core.clock import SystemClock, stamp
from storage.database import open_database
from storage.outbox import Outbox
from tests.acceptance.town import CONFIG, QUIET, RISING, Town
from tests.alerts.mail import MailServer, Recorder
from tests.tocsin.web.conftest import PATIENCE, Site, served

SECRET, OTHER = "canary-of-a-link-secret-32-letters", "another-link-secret-of-32-letters"
WEB = """
[web]
public_url = "http://127.0.0.1:8088"
local = "none"

[web.ack_links]
secret_env = "LINKS"

[[web.tokens]]
name = "oslo"
token_env = "OSLO"
"""
WHO = "a reader of channel duty (by link)"
MAIL = """
[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
ack_links = true
chart = false
group_over = {over}

[[routes]]
channels = ["duty"]
"""
ENV = {"LINKS": SECRET, "OSLO": "oslo-token-of-32-characters-long"}


def sent(folder: Path, places: dict[str, list[int]], over: int) -> tuple[Path, str]:
    """A town that rang, and the link in the one mail that it sent."""
    got, town = Recorder(), Town(folder)
    with MailServer(got) as server:
        channels = MAIL.format(port=server.port, over=over) + WEB
        (folder / "config.toml").write_text(CONFIG.format(channels=channels), encoding="utf-8")
        town.record(places)
        answer = town.tocsin("run", env=ENV)
    assert answer.code == 0, answer.err
    plain, rich = got.parsed().iter_parts()
    text = plain.get_content().replace("\r\n", "\n")
    (url,) = set(re.findall(r"http://\S+link=[\w.-]+", text))
    assert url in rich.get_content()
    return folder, url.partition(":8088")[2]


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A town that rang, and the link in its mail."""
    return sent(tmp_path_factory.mktemp("town"), {"Calm": QUIET, "Storm": RISING}, 5)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A town that rang in three places at once, and the link in the mail that tells of all."""
    places = dict.fromkeys(("East", "North", "West"), RISING)
    return sent(tmp_path_factory.mktemp("crowd"), places, 1)


@pytest.fixture
def site(
    posted: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    yield from served_copy(posted[0], tmp_path, monkeypatch)


@pytest.fixture
def crowded(
    crowd: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    yield from served_copy(crowd[0], tmp_path, monkeypatch)


def served_copy(town: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    for path in town.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    with served(folder) as found:
        yield found


def press(site: Site, link: str, **headers: str) -> requests.Response:
    """Send the page's own form, as a browser does: its page sends no referrer."""
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    return requests.post(
        site.url + link, {"note": "calling"}, headers={**own, **headers}, timeout=PATIENCE
    )


def acknowledged(site: Site) -> list[tuple[str, str]]:
    with closing(open_database(site.folder / "tocsin.db", mode="read")) as database:
        return database.rows("SELECT author, text FROM alert_actions ORDER BY action_id")


def made(site: Site, *, secret: str = SECRET, age: float = 0, sequence: int = 1) -> str:
    """A link of our own making: under some secret, so old, of a message about some step."""
    told = {"data": {"about": "forecast", "state": "firing", "sequence": sequence}}
    told["data"]["alert_id"] = _alert(site)
    name = f"msg_{sequence}"
    with closing(open_database(site.folder / "tocsin.db", mode="write")) as database:
        Outbox(database).put([NewDelivery(name, None, None, "duty", told)], SystemClock().now())
    return link_of(name, told, secret=secret, age=age)


def link_of(name: str, told: Json, *, secret: str = SECRET, age: float = 0) -> str:
    delivery = Delivery(name, None, "duty", told, stamp(SystemClock().now()), 1)
    link = Tickets([secret], "", int(-age) or 3600).link(delivery)
    assert link
    return link.url


def test_opening_the_link_shows_the_alert_and_changes_nothing(
    site: Site, posted: tuple[Path, str]
) -> None:
    for _ in range(3):
        page = site.get(posted[1])
        assert page.status_code == 200
        assert requests.head(site.url + posted[1], timeout=PATIENCE).status_code == 200
    assert "Freedonia/Storm: severe, firing" in page.text
    assert "Nobody has acknowledged this alert." in page.text
    assert WHO in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert acknowledged(site) == []


def test_pressing_the_button_acknowledges_once_without_a_token(
    site: Site, posted: tuple[Path, str]
) -> None:
    done = press(site, posted[1])
    assert (done.status_code, "Acknowledged." in done.text) == (200, True)
    assert acknowledged(site) == [(WHO, "calling")]
    again = press(site, posted[1])
    assert (again.status_code, "used already" in again.text) == (409, True)
    assert WHO in site.get(posted[1]).text
    assert len(acknowledged(site)) == 1
    listed = Town(site.folder).tocsin("alerts", "list", env=ENV).out
    assert f"known to {WHO}" in " ".join(listed.split())


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"secret": OTHER}, 403, "not one of ours"),
        ({"age": 10}, 410, "has ended"),
        ({"sequence": 99}, 404, "no alert that is known here"),
    ],
)
def test_a_link_that_is_not_good_is_refused_with_a_plain_page(
    site: Site, change: dict[str, object], status: int, words: str
) -> None:
    link = made(site, **change)  # type: ignore[arg-type]
    for answer in (site.get(link), press(site, link)):
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
        assert "<h1>Nothing was done</h1>" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert acknowledged(site) == []


def test_a_link_of_a_message_that_is_not_here_opens_nothing(site: Site) -> None:
    told = {"data": {"about": "forecast", "state": "firing", "alert_id": "al_1", "sequence": 1}}
    for answer in (site.get(link_of("msg_0", told)), press(site, link_of("msg_0", told))):
        assert (answer.status_code, "no alert that is known here" in answer.text) == (404, True)


def test_one_link_acknowledges_all_alerts_that_its_mail_shows(
    crowded: Site, crowd: tuple[Path, str]
) -> None:
    page = crowded.get(crowd[1])
    assert "3 alerts, 3 to acknowledge" in page.text
    assert [f"Freedonia/{name}: severe, firing" in page.text for name in ("East", "North", "West")]
    assert acknowledged(crowded) == []
    done = press(crowded, crowd[1])
    assert (done.status_code, "3 of 3" in done.text) == (200, True)
    assert acknowledged(crowded) == [(WHO, "calling")] * 3
    again = press(crowded, crowd[1])
    assert (again.status_code, "nothing left to acknowledge" in again.text) == (409, True)
    assert len(acknowledged(crowded)) == 3


def test_a_link_of_several_leaves_those_alone_that_somebody_knows_or_that_are_over(
    crowded: Site, crowd: tuple[Path, str]
) -> None:
    town = Town(crowded.folder)
    ids = json.loads(town.tocsin("alerts", "list", "--format", "json", env=ENV).out)
    known, over = (one["alert"] for one in ids[:2])
    town.tocsin("alerts", "ack", known, "--by", "Bo", env=ENV)
    town.tocsin("alerts", "resolve", over, "--by", "Bo", "--note", "over", env=ENV)
    page = crowded.get(crowd[1]).text
    assert "3 alerts, 1 to acknowledge" in page
    assert "Somebody has acknowledged this alert already. Bo" in page
    assert "This alert is over" in page
    assert "1 of 3" in press(crowded, crowd[1]).text
    assert sorted(who for who, _ in acknowledged(crowded)) == ["Bo", "Bo", WHO]


def test_a_link_of_before_an_escalation_or_of_an_ended_alert_does_nothing(
    site: Site, posted: tuple[Path, str]
) -> None:
    with (
        closing(open_database(site.folder / "tocsin.db", mode="own")) as database,
        database.transaction() as connection,
    ):
        connection.execute(
            "INSERT INTO alert_events SELECT alert_id, 2, run_id, at, to_state, to_state, "
            "severity, 'escalated', probability, facts, remarks FROM alert_events"
        )
    old = press(site, posted[1])
    assert (old.status_code, "escalated since that mail" in old.text) == (409, True)
    assert press(site, made(site, sequence=2)).status_code == 200
    assert Town(site.folder).tocsin(
        *("alerts", "resolve", _alert(site), "--by", "Bo", "--note", "over"), env=ENV
    ).code in {0, 4}
    ended = press(site, made(site, sequence=2))
    assert (ended.status_code, "is over" in ended.text) == (409, True)


def _alert(site: Site) -> str:
    with closing(open_database(site.folder / "tocsin.db", mode="read")) as database:
        return str(database.value("SELECT alert_id FROM alerts"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example.org"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": ""},
        {"Origin": "http://evil.example.org", "Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.example.org"},
    ],
)
def test_another_sites_page_cannot_press_the_button(
    site: Site, posted: tuple[Path, str], headers: dict[str, str]
) -> None:
    assert press(site, posted[1], **headers).status_code in {403, 421}
    assert acknowledged(site) == []


def test_the_link_opens_nothing_else_and_nobody_else(site: Site, posted: tuple[Path, str]) -> None:
    query = posted[1].partition("?")[2]
    for path in ("/alerts", f"/alerts/{_alert(site)}", "/acknowledge/x"):
        assert site.get(f"{path}?{query}").status_code in {401, 404}
    assert site.get("/alerts").status_code == 401


def test_the_link_and_its_key_are_in_no_log_no_page_and_no_file(
    site: Site, posted: tuple[Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    signature = posted[1].rpartition(".")[2]
    with caplog.at_level(logging.DEBUG):
        pages = [site.get(posted[1]), press(site, posted[1]), press(site, posted[1])]
        pages += [press(site, posted[1], Origin="http://evil.example.org")]
        pages += [
            site.get(path, headers={"Authorization": f"Bearer {ENV['OSLO']}"})
            for path in ("/alerts", f"/alerts/{_alert(site)}", "/handover", "/feeds")
        ]
    ours = "\n".join(line.getMessage() for line in caplog.records if "tocsin" in line.name)
    hits = [page.url for page in pages if signature in page.text or SECRET in page.text]
    files = [path for path in site.folder.rglob("*") if path.is_file()]
    hits += [str(p) for p in files if {signature, SECRET} & _words(p, signature)]
    assert signature not in ours
    assert not hits
    print(f"row 51, links: {len(pages)} pages, {len(files)} files, the service's log: 0 hits")


def _words(path: Path, signature: str) -> set[str]:
    held = path.read_bytes()
    return {one for one in (signature, SECRET) if one.encode() in held}


def test_a_key_that_could_be_guessed_is_refused_at_start(posted: tuple[Path, str]) -> None:
    answer = Town(posted[0]).tocsin("run", env={**ENV, "LINKS": "short"})
    assert (answer.code, "a secret has under 32 characters" in answer.err) == (2, True)


def test_the_links_of_the_mail_lead_to_the_alert_and_to_its_region(site: Site) -> None:
    page = f"/alerts/{_alert(site)}"
    signed_in = {"Authorization": f"Bearer {ENV['OSLO']}"}
    assert site.get(page, headers=signed_in).status_code == 200
    moved = site.get(f"{page}/region", headers=signed_in)
    assert moved.status_code == 303
    region = site.get(moved.headers["Location"], headers=signed_in)
    assert (region.status_code, "Freedonia/Storm" in region.text) == (200, True)
    assert site.get(f"{page}/region").status_code == 401


def test_the_path_is_the_one_that_mails_name(posted: tuple[Path, str]) -> None:
    assert posted[1].startswith(f"{PATH}?link=")
