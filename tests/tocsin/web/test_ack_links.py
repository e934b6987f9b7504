"""The link in a mail, from end to end: a real mail server, a real browser's requests, no token."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from alerts.tickets import PATH, Tickets
from core.alerts import Delivery
from core.clock import SystemClock, stamp
from storage.database import open_database
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
MAIL = """
[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
ack_links = true
chart = false

[[routes]]
channels = ["duty"]
"""
ENV = {"LINKS": SECRET, "OSLO": "oslo-token-of-32-characters-long"}


@pytest.fixture(scope="module")
def posted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A town that rang, and the text of the mail that it sent."""
    folder, got = tmp_path_factory.mktemp("town"), Recorder()
    town = Town(folder)
    with MailServer(got) as server:
        channels = MAIL.format(port=server.port) + WEB
        (folder / "config.toml").write_text(CONFIG.format(channels=channels), encoding="utf-8")
        town.record({"Calm": QUIET, "Storm": RISING})
        answer = town.tocsin("run", env=ENV)
    assert answer.code == 0, answer.err
    plain, rich = got.parsed().iter_parts()
    text = plain.get_content().replace("\r\n", "\n")
    (url,) = set(re.findall(r"http://\S+link=[\w.-]+", text))
    assert url in rich.get_content()
    return folder, url.partition(":8088")[2]


@pytest.fixture
def site(
    posted: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    for path in posted[0].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with served(tmp_path) as found:
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


def made(site: Site, *, secret: str = SECRET, age: float = 0, **changes: object) -> str:
    """A link of our own making: under some secret, so old, of some step."""
    with closing(open_database(site.folder / "tocsin.db", mode="read")) as database:
        ((alert_id,),) = database.rows("SELECT alert_id FROM alerts")
    now = SystemClock().now()
    ticket = {"alert_id": alert_id, "sequence": 1, **changes}
    told = {"data": {"state": "firing", "sequence": ticket["sequence"]}}
    delivery = Delivery("msg", str(ticket["alert_id"]), "duty", told, stamp(now), 1)
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
    assert "by link sent to duty" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert acknowledged(site) == []


def test_pressing_the_button_acknowledges_once_without_a_token(
    site: Site, posted: tuple[Path, str]
) -> None:
    done = press(site, posted[1])
    assert (done.status_code, "Acknowledged." in done.text) == (200, True)
    assert acknowledged(site) == [("by link sent to duty", "calling")]
    again = press(site, posted[1])
    assert (again.status_code, "used already" in again.text) == (409, True)
    assert "by link sent to duty" in site.get(posted[1]).text
    assert len(acknowledged(site)) == 1
    assert "by link sent to duty" in Town(site.folder).tocsin("alerts", "list", env=ENV).out


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"secret": OTHER}, 403, "not one of ours"),
        ({"age": 10}, 410, "has ended"),
        ({"alert_id": "al_00000000000000000000"}, 404, "no alert that is known here"),
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
