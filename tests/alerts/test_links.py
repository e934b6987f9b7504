"""Links to our own pages: in every message when people can reach them, else nowhere."""

from __future__ import annotations

import json

import pytest

from alerts.links import Links, link_to_alerts, links_to
from alerts.messages import Message, compose
from alerts.rendering import links, text
from tests.alerts.samples import alert, event, page

SITE = "https://tocsin.example.org"
PAGE = f"{SITE}/alerts/al_0123456789abcdef0123"


def made(site: str = SITE) -> Message:
    return compose(alert(), event(alert()), site=site)


def test_a_message_links_to_its_alert_and_its_region() -> None:
    assert links(made()) == [("Alert page", PAGE), ("Region page", f"{PAGE}/region")]


def test_links_name_no_place() -> None:
    told = json.dumps(made().data.links.model_dump())
    assert "Kabul" not in told
    assert "Afghanistan" not in told


def test_without_an_address_there_is_no_link() -> None:
    assert made("").data.links == Links() == links_to("", alert(), "forecast")
    assert links(made("")) == []
    assert "http" not in text(made(""))
    assert "href" not in page(made(""))
    assert link_to_alerts("") == ""


@pytest.mark.parametrize("about", ["feed", "person", "spread", "skill"])
def test_what_has_no_forecast_has_no_region_page(about: str) -> None:
    assert links_to(SITE, alert(), about) == Links(alert=PAGE)


def test_an_address_stays_on_one_line_of_the_text() -> None:
    assert f"Region page  {PAGE}/region" in text(made()).splitlines()


def test_a_page_shows_them_as_links() -> None:
    assert f'<a href="{PAGE}" rel="noreferrer"' in page(made())
