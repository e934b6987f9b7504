"""The report as a file: whole by itself, readable by everybody, and made for paper."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from tests.acceptance.town import Town
from tests.browser.conftest import tab_in


def test_a_report_opens_from_a_disk_and_prints_its_charts(
    chromium: Browser, town: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    assert Town(town).tocsin("export", "report", "-o", str(out)).code == 0
    tab = tab_in(chromium, tmp_path.as_uri())
    page = tab.open("/report.html")
    pictures = page.locator(".picture")
    assert pictures.count() == 6
    assert "Chart of Freedonia/Storm" in (pictures.first.get_attribute("aria-label") or "")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert [one["id"] for one in found.response["violations"]] == []
    page.set_viewport_size({"width": 794, "height": 1123})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert pictures.first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.context.close()
    assert tab.complaints == []


def test_its_charts_are_dark_on_a_dark_screen_and_light_on_paper(
    chromium: Browser, town: Path, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    assert Town(town).tocsin("export", "report", "-o", str(out)).code == 0
    tab = tab_in(chromium, tmp_path.as_uri(), "desktop-dark")
    page = tab.open("/report.html")
    ground = page.locator(".picture svg > rect").first
    assert _fill(ground) == "rgb(22, 24, 28)"
    page.emulate_media(media="print", color_scheme="dark")
    assert _fill(ground) == "rgb(255, 255, 255)"
    page.context.close()
    assert tab.complaints == []


def _fill(shape: Locator) -> object:
    return shape.evaluate("one => getComputedStyle(one).fill")
