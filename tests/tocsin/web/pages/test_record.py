"""The page of the track record: of which regions, since when, and what the models have earned."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tocsin.town_by_day import TownByDay
from tests.tocsin.web.conftest import Site, served

MONTHS = [f"2024-{month:02d}-02" for month in range(1, 7)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two provinces after half a year of runs."""
    town = TownByDay(tmp_path_factory.mktemp("record"))
    town.configure()
    for month in range(1, 13):
        town.events[f"c{month}"] = (f"2023-{month:02d}-05", "Calm")
        town.events[f"s{month}"] = (f"2023-{month:02d}-07", "Storm")
    for day in MONTHS:
        town.run(day)
    with Path(town.config).open("a", encoding="utf-8") as config:
        config.write("\n[web]\n")
    with served(Path(town.config).parent) as found:
        yield found


def words(site: Site, **asked: object) -> str:
    answer = site.get("/record", params={"since": "2024-01-01", **asked})
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def test_the_record_stands_month_by_month_the_newest_first(site: Site) -> None:
    page = words(site)
    assert "Month by month" in page
    assert page.index("2024-05 ") < page.index("2024-01 ", page.index("Month by month"))


def test_the_record_of_some_regions_since_a_day(site: Site) -> None:
    page = words(site, region="*/Storm", since="2024-04-01", horizon="")
    assert "2 months, 2024-04 to 2024-05, regions */Storm" in page
    assert "Freedonia/Storm" in page
    assert "Freedonia/Calm" not in page
    assert "The whole record" in page
    assert "The whole record" not in words(site, since="")


def test_a_name_that_nothing_has_is_told_as_such(site: Site) -> None:
    page = words(site, region="Sylvania")
    assert "No forecast of these has come due yet: write a region as the overview does" in page


def test_every_model_shows_the_weight_that_it_has(site: Site) -> None:
    page = words(site)
    assert "What the models have earned Model Weight, horizon 1 Weight, horizon 3" in page
    assert re.search(r"dynamic-count \d+ % \d+ %", page)


@pytest.mark.parametrize("asked", [{"since": "soon"}, {"horizon": "0"}, {"totals": "perhaps"}])
def test_what_cannot_be_asked_is_refused(site: Site, asked: dict[str, str]) -> None:
    assert site.get("/record", params=asked).status_code == 422
