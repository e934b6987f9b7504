"""The line of a threshold on a region's chart: dragged, moved by keys, and without JavaScript."""

from playwright.sync_api import Browser, Page

from tests.browser.conftest import Tab, tab_in
from tests.tocsin.web.conftest import Site

STORM = "/watches/provinces/region?name=Freedonia/Storm"


def read(page: Page) -> tuple[str, str, str]:
    n, any_of, total = (
        page.locator(f"[data-reading={name}]").inner_text() for name in ("n", "any", "total")
    )
    return n, any_of, total


def in_table(page: Page, n: str) -> tuple[str, str]:
    page.locator("details", has=page.locator("table.readings")).evaluate("it => it.open = true")
    cells = page.locator(f"table.readings tr[data-n='{n}'] td").all_inner_texts()
    return cells[-2], cells[-1]


def test_dragging_the_line_up_reads_a_higher_threshold(tab: Tab) -> None:
    page = tab.open(STORM)
    before = read(page)
    line = page.locator("g.threshold .line").bounding_box()
    assert line
    x, y = line["x"] + line["width"] / 2, line["y"] + line["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 30, steps=5)
    page.mouse.up()
    after = read(page)
    assert int(after[0]) > int(before[0])
    assert after[1:] == in_table(page, after[0])
    assert page.locator("input[name=at_least]").input_value() == after[0]


def test_arrow_keys_move_the_line_and_screen_readers_hear_it(tab: Tab) -> None:
    page = tab.open(STORM)
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    before = int(slider.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowUp")
    assert int(slider.get_attribute("aria-valuenow") or 0) == before + 1
    assert f"{before + 1} or more" in (slider.get_attribute("aria-valuetext") or "")
    page.keyboard.press("Home")
    assert read(page)[0] == "1"


def test_without_javascript_the_field_does_the_same(chromium: Browser, site: Site) -> None:
    tab = tab_in(chromium, site.url, java_script_enabled=False)
    page = tab.open(STORM)
    page.locator("input[name=at_least]").fill("9")
    page.get_by_role("button", name="Read").click()
    assert "at_least=9" in page.url
    assert page.locator("[data-reading=n]").inner_text() == "9"
    row = page.locator("table.readings tr[aria-current] th").text_content()
    page.context.close()
    assert row == "9"


def test_the_page_tells_the_whole_story_of_the_region(tab: Tab) -> None:
    page = tab.open(STORM)
    text = page.locator("main").inner_text()
    assert "expected in 2024-07" in text
    assert "tempo" in text
    assert "dynamic-count" in text
    assert "severe" in page.locator("#alerts + ul").inner_text()
    assert page.locator("#incidents ~ .scroll tbody tr").count() == 31
    bars = page.locator("svg.fan path.bars").first.get_attribute("d") or ""
    assert bars.count("M") == 30


def test_past_forecasts_stand_beside_what_came(tab: Tab) -> None:
    page = tab.open(STORM)
    rows = page.locator("#past ~ .scroll tbody tr").all_inner_texts()
    assert rows[0].split()[0] == "2024-07"
    assert "not known yet" in rows[0]
