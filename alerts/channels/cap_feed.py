"""The folder of CAP messages as others read it: what is in it, and its Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from alerts.channels.cap_document import NAMESPACE, Earlier
from core.text import clean

FEED = "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
_CAP = {"cap": NAMESPACE}
_NEWEST = 100
"""Entries of the feed; older messages stay in the folder."""
_OURS = uuid.UUID("6f1d0a52-6d0b-5d55-9f7e-2f6a3b1c9a10")
"""The namespace of the feed's and its entries' ids: any fixed UUID would do."""


class Published(NamedTuple):
    """A message in the folder."""

    path: Path
    message: Earlier
    headline: str
    description: str


def earlier(folder: Path, alert_id: str, sequence: int) -> list[Earlier]:
    """Return the messages of an alert before a step, oldest first."""
    paths = (
        path
        for path in folder.glob(f"*-{alert_id}-*.xml")
        if path.name.split("-")[2].isdigit() and int(path.name.split("-")[2]) < sequence
    )
    return [one.message for one in _read(sorted(paths))]


def atom(folder: Path, title: str, sender: str, public_url: str) -> bytes:
    """Return the feed of the folder's newest messages, made anew from what is there."""
    newest = list(_read(sorted(folder.glob("*-*-*-*.xml"), reverse=True)[:_NEWEST]))
    feed = ET.Element("feed", xmlns=_ATOM)
    _add(feed, id=_id("feed", sender), title=clean(title), updated=_updated(newest))
    _add(ET.SubElement(feed, "author"), name=clean(title))
    ET.SubElement(feed, "link", rel="self", href=f"{public_url}{FEED}")
    for one in newest:
        entry = ET.SubElement(feed, "entry")
        sent = one.message.sent
        _add(entry, id=_id("entry", one.message.reference()), title=one.headline, updated=sent)
        _add(entry, published=sent, summary=one.description)
        link = {"rel": "alternate", "type": "application/cap+xml"}
        ET.SubElement(entry, "link", {**link, "href": f"{public_url}{one.path.name}"})
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _read(paths: Iterable[Path]) -> Iterator[Published]:
    """Yield the messages in some files; what is none, or is gone meanwhile, is passed over."""
    for path in paths:
        try:
            alert = ET.parse(path).getroot()  # noqa: S314 - files that we wrote
        except (OSError, ET.ParseError):
            continue
        found = [alert.findtext(f"cap:{name}", "", _CAP) for name in Earlier.__annotations__]
        told = [
            alert.findtext(f"cap:info/cap:{name}", "", _CAP) for name in ("headline", "description")
        ]
        if all(found):
            yield Published(path, Earlier(*found), *told)


def _updated(newest: list[Published]) -> str:
    return max((one.message.sent for one in newest), default="1970-01-01T00:00:00+00:00")


def _id(kind: str, name: str) -> str:
    return uuid.uuid5(_OURS, f"{kind} {name}").urn


def _add(parent: ET.Element, **children: str) -> None:
    for name, value in children.items():
        ET.SubElement(parent, name).text = value
