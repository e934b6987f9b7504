"""The overview in a browser: sorted, filtered, shared by its address."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import Tab


def regions(page: Page) -> list[str]:
    return page.locator("table.regions tbody th a").all_inner_texts()


def column(page: Page, number: int) -> list[str]:
    return page.locator(f"table.regions tbody td:nth-of-type({number})").all_inner_texts()


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_the_most_threatened_region_stands_first(tab: Tab) -> None:
    page = tab.open("/watches/provinces")
    assert regions(page)[0] == "Freedonia/Storm"
    assert len(regions(page)) == 12


def test_a_heading_sorts_and_once_more_turns_it_round(tab: Tab) -> None:
    page = tab.open("/watches/provinces")
    page.get_by_role("link", name="Tempo").click()
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Tempo")
    tempos = [int(text) for text in column(page, 2)]
    assert tempos == sorted(tempos, reverse=True)
    page.get_by_role("link", name="Tempo").click()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Tempo")
    assert [int(text) for text in column(page, 2)] == sorted(tempos)


def test_filters_stand_in_the_address_and_keep_the_order(tab: Tab) -> None:
    page = tab.open("/watches/provinces?sort=region&down=1")
    page.get_by_label("Region", exact=True).fill("calm 0")
    page.get_by_role("button", name="Show").click()
    assert asked(page)["q"] == ["calm 0"]
    assert regions(page) == [f"Freedonia/Calm {n:02d}" for n in reversed(range(10))]
    shared = page.url
    page.get_by_role("link", name="Show all").click()
    assert len(regions(page)) == 12
    page.goto(shared)
    assert len(regions(page)) == 10


def test_open_alerts_and_likely_regions_can_be_asked_for(tab: Tab) -> None:
    page = tab.open("/watches/provinces")
    page.locator("select[name=alert]").select_option("open")
    page.get_by_role("button", name="Show").click()
    assert regions(page) == ["Freedonia/Storm"]
    page.goto(f"{tab.url}/watches/provinces?least=90")
    assert regions(page) == ["Freedonia/Storm"]


def test_a_filter_that_fits_nothing_says_so(tab: Tab) -> None:
    page = tab.open("/watches/provinces?q=nowhere")
    assert "No region fits" in page.locator("table.regions").inner_text()
