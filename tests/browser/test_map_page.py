"""The map in a browser: by pointer, by keyboard, and as a list."""

from urllib.parse import unquote

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Tab, tab_in
from tests.tocsin.web.conftest import Site

MAP = "/watches/provinces/map"


def test_every_place_is_a_bubble_in_the_drawing_and_a_row_of_the_list(tab: Tab) -> None:
    page = tab.open(MAP)
    bubbles = page.locator("svg.map a")
    assert bubbles.count() == 11
    frame = page.locator("svg.map:not(.key)").bounding_box()
    assert frame
    for box in (bubbles.nth(n).bounding_box() for n in range(11)):
        assert box
        assert frame["x"] <= box["x"] + box["width"] / 2 <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"] + box["height"] / 2 <= frame["y"] + frame["height"]
    listed = page.locator("#list ~ .scroll tbody th > a:first-child").all_inner_texts()
    assert len(listed) == 12
    assert "Freedonia/Calm 10" in page.get_by_text("Not on the map").inner_text()


def test_the_keyboard_reaches_bubbles_and_the_list(tab: Tab) -> None:
    page = tab.open(MAP)
    skip = page.get_by_role("link", name="The same as a list")
    skip.focus()
    page.keyboard.press("Tab")
    words = page.evaluate("document.activeElement.querySelector('title').textContent")
    assert words.startswith("Freedonia/Storm: 12 in 2024-06"), "the largest tempo first"
    page.keyboard.press("Enter")
    page.wait_for_url("**/region?*")
    assert unquote(page.url).endswith("name=Freedonia/Storm")
    page.go_back()
    page.get_by_role("link", name="The same as a list").press("Enter")
    expect(page.locator("#list")).to_be_focused()


def test_a_bubble_is_clicked_and_the_overview_leads_to_the_map(tab: Tab) -> None:
    page = tab.open("/watches/provinces?q=storm")
    page.get_by_role("link", name="On the map").click()
    assert page.url.endswith(f"{MAP}?q=storm")
    page.locator("svg.map a circle").click()
    assert page.locator("h1").inner_text().startswith("Freedonia/Storm")


def test_bubbles_and_land_can_be_told_apart_in_either_scheme(chromium: Browser, site: Site) -> None:
    for kind in ("desktop-light", "phone-dark"):
        tab = tab_in(chromium, site.url, kind)
        page = tab.open(MAP)
        colours = page.evaluate(
            """() => ["circle.p4", ".land"].map(
            (one) => getComputedStyle(document.querySelector(`svg.map ${one}`)).fill)"""
        )
        stroke = page.locator("svg.map a circle").first.evaluate(
            "it => getComputedStyle(it).stroke"
        )
        page.context.close()
        assert len({*colours, stroke}) == 3
        assert tab.complaints == []
