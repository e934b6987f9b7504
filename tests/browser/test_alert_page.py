"""Acknowledge, silence and note in a browser; what an operator did stands in the story."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import tab_in
from tests.tocsin.web.conftest import Site


@pytest.fixture
def alert(chromium: Browser, fresh: Site) -> Iterator[Page]:
    tab = tab_in(chromium, fresh.url)
    page = tab.open("/alerts")
    page.get_by_role("link", name="Freedonia/Storm").click()
    yield page
    page.context.close()
    assert [one for one in tab.complaints if "400" not in one] == []


def section(page: Page, name: str) -> Page:
    return page.locator(f"section[aria-labelledby={name}]")  # type: ignore[return-value]


def test_acknowledging_stands_in_the_story_with_who_did_it(alert: Page) -> None:
    form = section(alert, "acknowledge")
    form.get_by_label("Until").fill("36h")
    form.get_by_label("Note").fill("called the field office")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_role("button").click()
    told = section(alert, "story").inner_text()
    assert "Ada acknowledged until" in told
    assert "called the field office" in told
    assert "known to Ada" in alert.locator(".lead").inner_text()


def test_a_silence_is_in_force_until_somebody_lifts_it(alert: Page) -> None:
    form = section(alert, "silence")
    form.get_by_label("What").select_option("region")
    form.get_by_label("Why").fill("known exercise")
    form.get_by_role("button").click()
    assert "silence" in alert.locator(".lead").inner_text().lower()
    alert.goto(alert.url.rsplit("/", 1)[0])
    listed = alert.locator("ul.plain")
    assert "region Freedonia/Storm" in listed.inner_text()
    assert "known exercise" in listed.inner_text()
    alert.get_by_role("button", name="Lift silence").click()
    assert alert.locator("ul.plain").count() == 0


def test_a_note_is_added(alert: Page) -> None:
    form = section(alert, "note")
    form.get_by_label("Text").fill("roads are closed")
    form.get_by_role("button").click()
    assert "local noted: roads are closed" in section(alert, "story").inner_text()


def test_a_time_that_cannot_be_meant_is_said_on_the_page(alert: Page) -> None:
    form = section(alert, "acknowledge")
    form.get_by_label("Until").fill("soon")
    form.get_by_role("button").click()
    assert "'soon' is no time" in alert.get_by_role("alert").inner_text()
    assert "acknowledged" not in section(alert, "story").inner_text()
