"""Where people read on: the addresses of our own pages that a message names.

They hold no name of a place or a person: addresses end up in logs and histories.
"""

from __future__ import annotations

from alerts.facts import Fact
from core.alerts import Alert

_FORECAST = frozenset({"forecast", "observed"})
"""What alerts are about whose region has a page; others may ring where nothing is forecast."""


class Links(Fact):
    """Addresses of pages, each "" where there is none to show.

    Attributes:
        alert: the alert with its story; people acknowledge it there.
        region: its region, with the forecast and the incidents behind it.
    """

    alert: str = ""
    region: str = ""


def links_to(site: str, alert: Alert, about: str) -> Links:
    """Return the pages of an alert at the address of our site; none where that is ""."""
    if not site:
        return Links()
    page = f"{site}/alerts/{alert.alert_id}"
    return Links(alert=page, region=f"{page}/region" if about in _FORECAST else "")


def link_to(site: str, page: str) -> str:
    """Return a page that is about no alert alone, such as "feeds"; "" where there is none."""
    return site and f"{site}/{page}"


def link_to_alerts(site: str) -> str:
    """Return the page that lists all alerts, "" where people cannot reach it."""
    return link_to(site, "alerts")
