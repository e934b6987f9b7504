"""The threshold lab in a browser: a threshold is moved, and what would have rung changes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Tab, tab_in
from tests.tocsin.web.conftest import Site

FIGURES = "#alerts"
PATIENCE = 60_000


def replayed(tab: Tab) -> Page:
    page = tab.open("/lab")
    page.get_by_role("button", name="Replay").click()
    page.wait_for_selector(FIGURES, timeout=PATIENCE)
    return page


def test_moving_the_threshold_changes_the_counts_at_once(tab: Tab) -> None:
    page = replayed(tab)
    assert page.locator(FIGURES).inner_text() == "1"
    page.locator("[name=at_least]").select_option("24")
    page.get_by_role("button", name="Show").click()
    assert page.locator(FIGURES).inner_text() == "0"
    page.locator("[name=at_least]").select_option("1")
    page.get_by_role("button", name="Show").click()
    assert int(page.locator(FIGURES).inner_text()) >= 12
    assert "at_least = 1," in page.locator("pre").inner_text()


def test_a_point_of_the_curve_is_a_link_to_it(tab: Tab) -> None:
    page = replayed(tab)
    page.get_by_role("link", name="90 %").click()
    assert page.locator("[name=probability]").input_value() == "90"
    assert "probability = 0.9" in page.locator("pre").inner_text()
    assert page.locator("tr[aria-current] th").inner_text() == "90 %"


def test_a_region_is_drawn_alone_with_its_alert_and_what_was_missed(tab: Tab) -> None:
    page = replayed(tab)
    page.get_by_role("link", name="Freedonia/Storm").click()
    strip = page.locator("svg.strip")
    assert strip.get_attribute("aria-label") == (
        "Freedonia/Storm: 1 alert, 1 came true; 1 event, 1 missed"
    )
    assert strip.locator("rect.ring.came-true").count() == 1
    assert strip.locator("path.miss").count() == 1


@pytest.mark.parametrize("kind", ["desktop-dark", "phone-light"])
def test_everybody_can_read_it_without_a_script(chromium: Browser, site: Site, kind: str) -> None:
    tab = tab_in(chromium, site.url, kind)
    page = replayed(tab)
    assert page.locator("script").count() == 0
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [one["id"] for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert tab.complaints == []
    tab.page.context.close()
