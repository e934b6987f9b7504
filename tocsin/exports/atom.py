"""Alerts as an Atom feed, for feed readers and for pages that show one.

Source: RFC 4287, "The Atom Syndication Format".
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from alerts.wording import at_least, how_likely
from core.alerts import Alert, AlertEvent
from core.clock import unstamp
from core.regions import label
from core.text import clean

_ATOM = "http://www.w3.org/2005/Atom"
NEWEST = 100
"""Alerts that a feed holds at the most, the last changed first."""


def feed(
    title: str,
    warning: str,
    alerts: Sequence[tuple[Alert, AlertEvent]],
    credits_: Sequence[str],
    owner: str,
    now: str,
) -> bytes:
    """Return an Atom document.

    Args:
        title: of the feed.
        warning: what the alerts are not, "" for ordinary ones: "simulated data".
        alerts: with their newest steps, the last changed first.
        credits_: whom the data come from.
        owner: the installation, so that no other one's feed has the same ids.
        now: stamp; the feed's date where it holds no alert.
    """
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(root, "id", _urn(f"{owner} feed {clean(title)}"))
    _add(root, "title", f"{title}: {warning.upper()}" if warning else title)
    _add(root, "updated", _instant(alerts[0][0].updated_at if alerts else now))
    _add(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", "Tocsin")
    _add(root, "rights", "; ".join(credits_))
    for alert, event in alerts[:NEWEST]:
        _entry(root, alert, event, warning, owner)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _entry(root: ET.Element, alert: Alert, event: AlertEvent, warning: str, owner: str) -> None:
    entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
    place = label(alert.region)
    _add(entry, "id", _urn(f"{owner} {alert.alert_id}"))
    _add(entry, "title", f"{alert.severity.upper()} ({alert.state.value}): {place}")
    _add(entry, "published", _instant(alert.opened_at))
    _add(entry, "updated", _instant(alert.updated_at))
    ET.SubElement(entry, f"{{{_ATOM}}}category", {"term": alert.severity})
    _add(entry, "summary", " ".join(_summary(alert, event, place, warning)))


def _summary(alert: Alert, event: AlertEvent, place: str, warning: str) -> list[str]:
    told = [f"{warning.upper()}."] if warning else []
    likely = how_likely(event.probability, event.facts.get("about", "forecast"))
    expected = f"{at_least(alert.threshold, alert.unit)}: {likely}"
    told.append(f"{place}, {expected}, as of the last run that spoke of it.")
    told.append(f"State: {alert.state.value}; data to {alert.data_through}; rule {alert.rule}.")
    return told


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = clean(text, 2_000)


def _instant(stamp: str) -> str:
    """Return a stamp as RFC 3339 has it, in whole seconds."""
    return unstamp(stamp).strftime("%Y-%m-%dT%H:%M:%SZ")


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'tocsin {name}')}"
