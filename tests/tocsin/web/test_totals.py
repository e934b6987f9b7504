"""Totals on pages and over HTTP: marked, with the incidents of their regions, counted once."""

import html
import re
from collections.abc import Iterator

import pytest

from tests.acceptance.town import QUIET, RISING, Town
from tests.tocsin.web.conftest import Site, served

RULE = """
[[rules]]
name = "country"
watch = "provinces"
of = "totals"
levels = [{ severity = "high", at_least = 9, probability = 0.5 }]
clear_probability = 0.3

[web]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    town = Town(tmp_path_factory.mktemp("totals"))
    town.configure(change={"horizon = 3": 'horizon = 3\ntotals = ["*"]'})
    with (town.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(RULE)
    town.record({"Calm": QUIET, "Storm": RISING})
    assert town.tocsin("run").code == 0
    with served(town.folder) as found:
        yield found


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_the_overview_marks_totals_and_counts_regions_once(site: Site) -> None:
    page = words(site.get("/watches/provinces").text)
    assert "forecast for 2 regions and 1 total of them" in page
    assert "Freedonia total" in page
    assert "2 regions and 1 total, 2 with an open alert" in words(site.get("/").text)


def test_the_page_of_a_total_says_what_it_is_and_lists_its_regions_incidents(site: Site) -> None:
    page = words(site.get("/watches/provinces/region", params={"name": "Freedonia"}).text)
    assert "sum of 2 regions; Storm " in page
    counts = {
        name: int(re.search(r"(\d+) incidents? counted since", words(answer.text))[1])  # type: ignore[index]
        for name in ("Freedonia", "Freedonia/Calm", "Freedonia/Storm")
        if (answer := site.get("/watches/provinces/region", params={"name": name}))
    }
    assert counts["Freedonia"] == counts["Freedonia/Calm"] + counts["Freedonia/Storm"]


def test_the_api_marks_totals_and_knows_their_probabilities(site: Site) -> None:
    rows = site.get("/api/v1/watches/provinces/forecasts").json()["items"]
    assert (rows[0]["region"], rows[0]["total"]) == ("Freedonia", True)
    assert [one["rule"] for one in rows[0]["alerts"]] == ["country"]
    brief = site.get("/api/v1/watches/provinces/regions").json()["items"]
    assert [row["total"] for row in brief].count(True) == 1
    record = site.get("/api/v1/watches/provinces/scores?totals=true").json()
    assert record["totals"] is True
