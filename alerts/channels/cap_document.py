"""A message as a CAP 1.2 document (OASIS, Common Alerting Protocol Version 1.2, section 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from xml.etree import ElementTree as ET

from alerts.channels.cap_meaning import Meaning, meaning
from alerts.messages import Message
from alerts.rendering import rows, subject
from core.alerts import Delivery, Json
from core.clock import unstamp
from core.text import clean

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_HEADLINE = 160
"""Characters: the standard asks for a headline that fits a short message."""
_SHORT_LIVED = timedelta(days=1)
"""How long an all-clear, or what has no window, is news."""
_FIGURES = (
    *("rule", "watch", "unit", "threshold", "probability", "data_as_of"),
    *("track_record", "reason"),
)
"""Facts that programs want as numbers and names, each as a parameter."""


@dataclass(frozen=True)
class Sender:
    """Whose messages they are, and for whom.

    Attributes:
        name: the `sender` element: unique in the world, no spaces, commas, < or &.
        title: who that is, for people.
        scope, restriction, addresses: who may read them, as CAP names it.
        language: of the texts.
    """

    name: str
    title: str
    scope: str
    restriction: str
    addresses: tuple[str, ...]
    language: str = "en"


@dataclass(frozen=True)
class Earlier:
    """A message that readers have: what a later one refers to it by."""

    sender: str
    identifier: str
    sent: str

    def reference(self) -> str:
        """Return the extended message identifier."""
        return f"{self.sender},{self.identifier},{self.sent}"


def document(
    delivery: Delivery,
    sender: Sender,
    earlier: Sequence[Earlier],
    codes: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Return the message as XML; the same for every try.

    `earlier` are those of the same alert; `codes` (system, code) say where it is.
    """
    message = Message.model_validate(delivery.body)
    meant = meaning(delivery.body, known=bool(earlier))
    told: Json = delivery.body["data"]
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _add(
        alert,
        ("identifier", delivery.delivery_id),
        ("sender", sender.name),
        ("sent", when(unstamp(message.timestamp))),
        ("status", meant.status),
        ("msgType", meant.msg_type),
        ("scope", sender.scope),
        ("restriction", sender.restriction if sender.scope == "Restricted" else ""),
        ("addresses", _quoted(sender.addresses) if sender.scope == "Private" else ""),
        ("note", clean(told["label"]) if meant.status == "Exercise" else ""),
        ("references", " ".join(one.reference() for one in earlier)),
        ("incidents", clean(told.get("alert_id", ""))),
    )
    info = ET.SubElement(alert, "info")
    _info(info, message, told, meant, sender)
    area = ET.SubElement(info, "area")
    _add(area, ("areaDesc", clean(told["place"]) or "unknown"))
    for system, code in codes:
        _add(ET.SubElement(area, "geocode"), ("valueName", system), ("value", code))
    ET.indent(alert)
    return bytes(ET.tostring(alert, encoding="utf-8", xml_declaration=True)) + b"\n"


def when(moment: datetime) -> str:
    """Return a moment as CAP writes it: with seconds and an offset, never "Z" (3.3.2)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _info(info: ET.Element, message: Message, told: Json, meant: Meaning, sender: Sender) -> None:
    onset, expires = _times(message, told, over=meant.urgency == "Past")
    _add(
        info,
        ("language", sender.language),
        ("category", "Security"),
        ("event", _event(told)),
        ("responseType", meant.response),
        ("urgency", meant.urgency),
        ("severity", meant.severity),
        ("certainty", meant.certainty),
        ("onset", onset),
        ("expires", expires),
        ("senderName", clean(sender.title)),
        ("headline", clean(subject(message), _HEADLINE)),
        ("description", "\n".join(f"{name}: {value}" for name, value in rows(message))),
        ("instruction", clean(told.get("action", ""), 2000)),
        ("web", told.get("links", {}).get("alert", "") or told.get("link", "")),
    )
    for name, value in _parameters(told):
        if known := clean(value):
            _add(ET.SubElement(info, "parameter"), ("valueName", name), ("value", known))
    _region_page(info, told.get("links", {}).get("region", ""))


def _region_page(info: ET.Element, address: str) -> None:
    """Add the page with the forecast and the incidents behind it as a resource, if there is one."""
    if address:
        what = "Forecast, history and incidents of the region"
        resource = ET.SubElement(info, "resource")
        _add(resource, ("resourceDesc", what), ("mimeType", "text/html"), ("uri", address))


def _event(told: Json) -> str:
    unit = clean(told.get("unit", ""))
    kinds = {
        "forecast": f"Forecast of {unit}",
        "feed": "A source of incidents is silent",
        "service": "Notice about the forecasting service",
        "group": "Several alerts",
        "person": "Alert raised by a person",
    }
    return kinds.get(told["about"], f"Change in {unit}" if unit else "Alert")


def _times(message: Message, told: Json, *, over: bool) -> tuple[str, str]:
    """Return onset and expiry: the window's, or "" and a day from now."""
    if over or "window" not in told:
        return "", when(unstamp(message.timestamp) + _SHORT_LIVED)
    first, last = (date.fromisoformat(told["window"][end]) for end in ("first", "last"))
    return when(_midnight(first)), when(_midnight(last + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _parameters(told: Json) -> Iterator[tuple[str, str]]:
    yield "tocsin:severity", told.get("severity", "")
    for name in _FIGURES:
        yield f"tocsin:{name}", str(told.get(name) or "")
    expected = told.get("expected") or {}
    for name in ("median", "low_90", "high_90"):
        yield f"tocsin:expected_{name}", str(expected.get(name, ""))
    likely = told.get("likelihood") or {}
    yield "tocsin:likelihood", likely.get("words", "")


def _add(parent: ET.Element, *children: tuple[str, str]) -> None:
    """Append elements in order; an empty one is left out."""
    for name, value in children:
        if value:
            ET.SubElement(parent, name).text = value


def _quoted(addresses: Iterable[str]) -> str:
    """Return addresses as one value: those with white space in quotation marks (3.2.1)."""
    return " ".join(f'"{one}"' if re.search(r"\s", one) else one for one in addresses)
