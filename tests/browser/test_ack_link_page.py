"""The link in a mail, opened and pressed in a browser that sends no referrer."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from alerts.tickets import Tickets
from core.alerts import Delivery, NewDelivery
from core.clock import SystemClock, stamp
from storage.database import open_database
from storage.outbox import Outbox
from tests.browser.conftest import tab_in
from tests.tocsin.web.conftest import Site, configured, served

SECRET = "a-link-secret-of-over-32-characters"
WEB = """
[web]
public_url = "http://127.0.0.1:8088"
local = "none"

[web.ack_links]
secret_env = "LINKS"
"""


@pytest.fixture
def site(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("LINKS", SECRET)
    (tmp_path / "tocsin.db").write_bytes((town / "tocsin.db").read_bytes())
    configured(tmp_path, WEB)
    with served(tmp_path) as found:
        yield found


def link(folder: Path) -> str:
    with closing(open_database(folder / "tocsin.db", mode="write")) as database:
        ((alert, step),) = database.rows("SELECT alert_id, max(sequence) FROM alert_events")
        told = {"about": "forecast", "state": "firing", "alert_id": alert, "sequence": step}
        now = SystemClock().now()
        Outbox(database).put([NewDelivery("msg", None, None, "duty", {"data": told})], now)
    delivery = Delivery("msg", None, "duty", {"data": told}, stamp(now), 1)
    made = Tickets([SECRET], "", 3600).link(delivery)
    assert made
    return made.url


def pressed(page: Page) -> None:
    page.get_by_label("Who are you").fill("Amina, calling the office")
    page.get_by_role("button", name="Acknowledge").click()


def test_the_button_works_in_a_real_browser_and_the_story_says_so(
    chromium: Browser, site: Site, tmp_path: Path
) -> None:
    tab = tab_in(chromium, site.url)
    page = tab.open(link(site.folder))
    assert "Nobody has acknowledged" in page.locator(".lead").inner_text()
    page.screenshot(path=tmp_path / "before.png", full_page=True)
    pressed(page)
    assert "Acknowledged." in page.get_by_role("status").inner_text()
    page.screenshot(path=tmp_path / "after.png", full_page=True)
    page = tab.open(link(site.folder))
    assert "Amina, calling the office" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button").count() == 0
    page.context.close()
    assert tab.complaints == []
