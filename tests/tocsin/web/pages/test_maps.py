"""The map over HTTP: what insiders, outsiders and those without coordinates see."""

import re
from collections.abc import Iterator

import pytest

from tests.acceptance.town import PLACED, QUIET, RISING, SCREEN, Town
from tests.tocsin.web.conftest import GUARDED, PLACES, TOKENS, Site, served

MAP = "/watches/provinces/map"
REGION = "/watches/provinces/region?name=Freedonia/Storm"
OSLO = 'name = "oslo"\ntoken_env = "OSLO_TOKEN"\nwatches = ["places"]'
OUTSIDE = {OSLO: 'name = "oslo"\ntoken_env = "OSLO_TOKEN"\noutside = true'}


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A town with coordinates: desk is of the house, oslo is outside of it."""
    folder = tmp_path_factory.mktemp("placed")
    town = Town(folder)
    web = GUARDED.replace(OSLO, OUTSIDE[OSLO])
    assert web != GUARDED
    town.configure(SCREEN + PLACES + web, PLACED)
    town.record(
        {"Calm": QUIET, "Lost": QUIET, "Storm": RISING},
        places={"Calm": (9.06, 7.49), "Storm": (11.83, 13.15)},
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, token in TOKENS.items():
            patch.setenv(f"{name.upper()}_TOKEN", token)
        assert town.tocsin("run").code == 0
        said = ("--by", "Amina", "--reason", "a rally is announced", "--value", "9")
        about = ("--watch", "provinces", "--region", "Freedonia/Storm", "--period", "2024-07")
        assert town.tocsin("overrides", "add", *about, *said).code == 0
        (alert,) = town.tocsin("alerts", "list", "--format", "json").data
        note = ("--by", "Amina", "--text", "three of five confirmed")
        assert town.tocsin("alerts", "note", alert["alert"], *note).code == 0
        with served(folder) as site:
            yield site


def bubbles(text: str) -> dict[str, tuple[float, float]]:
    """Return where each region is drawn."""
    found = re.findall(r'<title>([^:<]+):[^<]*</title><circle[^>]* cx="(.*?)" cy="(.*?)"', text)
    return {region: (float(x), float(y)) for region, x, y in found}


def test_regions_are_bubbles_that_lead_to_their_pages(placed: Site) -> None:
    text = placed.get(MAP, "desk").text
    found = bubbles(text)
    assert set(found) == {"Freedonia/Calm", "Freedonia/Storm"}
    (calm, storm) = found["Freedonia/Calm"], found["Freedonia/Storm"]
    assert storm[0] > calm[0], "it lies to the east"
    assert storm[1] < calm[1], "and to the north"
    assert '<a href="/watches/provinces/region?name=Freedonia%2FStorm"><title>' in text
    assert "Natural Earth" in text
    assert "no statement on the status" in text


def test_the_list_has_every_region_also_those_without_a_place(placed: Site) -> None:
    text = placed.get(MAP, "desk").text
    listed = re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', text)
    assert listed == ["Freedonia/Storm", "Freedonia/Calm", "Freedonia/Lost"]
    assert "have no coordinates of their own: Freedonia/Lost." in text


def test_filters_choose_what_is_on_the_map(placed: Site) -> None:
    assert set(bubbles(placed.get(f"{MAP}?q=calm", "desk").text)) == {"Freedonia/Calm"}
    assert set(bubbles(placed.get(f"{MAP}?alert=open", "desk").text)) == {"Freedonia/Storm"}
    assert "none fits" in placed.get(f"{MAP}?q=nowhere", "desk").text


def test_who_is_outside_sees_places_rounded_where_a_feed_keeps_its_rows(placed: Site) -> None:
    inside, outside = (placed.get(MAP, who).text for who in ("desk", "oslo"))
    assert "rounded to whole degrees" in outside
    assert "rounded to whole degrees" not in inside
    assert bubbles(inside) != bubbles(outside)
    km = {who: distance_to_calm(placed, who) for who in ("desk", "oslo")}
    assert km == {"desk": 691, "oslo": 736}, "from (9, 7) to (12, 13)"


def distance_to_calm(site: Site, who: str) -> int:
    text = site.get(REGION, who).text
    (km,) = re.findall(r'Freedonia/Calm</a></th><td class="number">(\d+) km', text)
    return int(km)


def test_a_watch_without_coordinates_says_so_and_still_lists(site: Site) -> None:
    text = site.get(MAP).text
    assert "its incidents have no coordinates" in text
    assert bubbles(text) == {}
    assert "Freedonia/Storm" in text
    assert "Nearest regions" not in site.get(REGION).text


def test_a_region_page_tells_what_people_said(placed: Site) -> None:
    text = placed.get(REGION, "desk").text
    assert re.search(r"Amina \w+ 2024-07-01 to 9 \(the model says .*: a rally is announced", text)
    assert "noted: three of five confirmed" in text
    assert "the newest complete month, had 12" in text, "the explanation in words"
    calm = placed.get("/watches/provinces/region?name=Freedonia/Calm", "desk").text
    assert "Nobody has noted anything here" in calm


def test_a_region_page_draws_the_level_since_its_change(placed: Site) -> None:
    text = placed.get(REGION, "desk").text
    since = re.findall(r'class="since-name"[^>]*>since ([\d-]+): ([\d.]+) \(', text)
    (row,) = [
        one
        for one in placed.get("/api/v1/watches/provinces/forecasts", "desk").json()["items"]
        if one["region"] == "Freedonia/Storm"
    ]
    assert row["level_since"], "Storm has risen for good"
    assert since == [(row["level_since"]["period"], f"{row['level_since']['mean']:.1f}")]
    overview = placed.get("/watches/provinces", "desk").text
    assert f"since {row['level_since']['period']}" in overview


def test_the_map_of_a_watch_that_is_not_seen_is_not_there(guarded: Site) -> None:
    assert guarded.get(MAP, "oslo").status_code == 404
    assert guarded.get("/watches/places/map", "oslo").status_code == 200
