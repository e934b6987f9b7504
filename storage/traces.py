"""Erased texts where they left traces: regions, stories of alerts, messages, reasons of runs."""

# ruff: noqa: S608 - SQL is put together from texts of this module only; values are bound.

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import unescape
from typing import Any, NamedTuple

from core.regions import label
from core.settings import DETAILS
from core.text import cited

_SHORTEST = 3
"""A text of one or two letters is nobody's name, and stands everywhere."""
_QUOTED = 40
"""Reasons quote a cell's first 40 characters: `feeds.fields.short`."""
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}
"""How MarkupSafe escapes for HTML."""
_FIXED = frozenset(
    {
        *("type", "about", "timestamp", "severity", "state", "reason", "period", "aggregate"),
        *("of", "alert_id", "scope", "watch", "rule", "unit", "share", "model", "at"),
    }
)
"""Keys of a message whose values are words of Tocsin or of the configuration."""


class _Place(NamedTuple):
    """A column that may hold a text; `key` names its rows."""

    table: str
    key: str
    column: str
    is_json: bool = True


_PLACES = (
    _Place("series", "series_id", "region_key"),
    _Place("alerts", "alert_id", "region_key"),
    _Place("alert_events", "alert_id || ' ' || sequence", "facts"),
    _Place("alert_events", "alert_id || ' ' || sequence", "remarks"),
    _Place("alert_actions", "action_id", "text", is_json=False),
    _Place("overrides", "override_id", "region_key"),
    _Place("overrides", "override_id", "reason", is_json=False),
    _Place("silences", "silence_id", "match"),
    _Place("silences", "silence_id", "reason", is_json=False),
    _Place("outbox", "place", "body"),
    _Place("runs", "run_id", "reasons"),
    _Place("periods", "schedule || ' ' || due_at", "reason", is_json=False),
    _Place("pulls", "pull_id", "reason", is_json=False),
    _Place("pulls", "pull_id", "notes"),
)


def erase_traces(connection: sqlite3.Connection, texts: Iterable[str], redaction: int) -> int:
    """Replace texts by "(redacted 7.1)", inside a transaction; return how many rows had one.

    The number is the redaction's and the text's: two regions stay two. A text that some incident
    still holds is left as it is.
    """
    written: dict[str, set[str]] = {}
    for text in texts:
        for part in (text, text[:_QUOTED].rstrip(), cited(text)):
            if len(part) >= _SHORTEST:
                written.setdefault(_plain(part), set()).add(part)
    pattern = _pattern(written)
    found = {match for _, _, value in _values(connection) for match in _matches(value, pattern)}
    gone = sorted(
        plain
        for plain in found
        if not any(_still_held(connection, text) for text in written[plain])
    )
    if not gone:
        return 0
    names = {text: f"(redacted {redaction}.{n})" for n, text in enumerate(gone, 1)}
    wanted = _pattern(gone)
    touched = 0
    for place, key, value in list(_values(connection)):
        if _matches(value, wanted):
            _rewrite(connection, place, key, _replaced(value, wanted, names))
            touched += 1
    return touched


def _plain(text: str) -> str:
    """Return a text as it was before a message laid it out: one line, no HTML escapes."""
    return " ".join(unescape(text).split())


def _pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of the texts as whole words, the longest first; nothing for none.

    Digests hold them wrapped over lines, and escaped for HTML.
    """
    listed = "|".join(
        r"\s+".join("".join(map(_laid_out, word)) for word in text.split())
        for text in sorted(texts, key=len, reverse=True)
    )
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)" if listed else r"(?!)")


def _laid_out(letter: str) -> str:
    escaped = _ESCAPES.get(letter)
    return f"(?:{re.escape(letter)}|{re.escape(escaped)})" if escaped else re.escape(letter)


def _values(connection: sqlite3.Connection) -> Iterator[tuple[_Place, Any, Any]]:
    for place in _PLACES:
        for key, text in connection.execute(
            f"SELECT {place.key}, {place.column} FROM {place.table}"
        ).fetchall():
            yield place, key, json.loads(text) if place.is_json else text


def _matches(value: Any, pattern: re.Pattern[str]) -> set[str]:
    found: set[str] = set()

    def note(text: str) -> str:
        found.update(map(_plain, pattern.findall(text)))
        return text

    _mapped(value, note)
    return found


def _replaced(value: Any, pattern: re.Pattern[str], names: Mapping[str, str]) -> Any:
    return _mapped(value, lambda text: pattern.sub(lambda match: names[_plain(match[0])], text))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every free text changed; keys and fixed words stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    if isinstance(value, dict):
        return {
            key: part if key in _FIXED else _mapped(part, change) for key, part in value.items()
        }
    return value


def _rewrite(connection: sqlite3.Connection, place: _Place, key: Any, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False) if place.is_json else value
    changes = {place.column: text}
    if place.column == "region_key":
        changes["region"] = label(tuple(value))
    assignments = ", ".join(f"{column} = ?" for column in changes)
    connection.execute(
        f"UPDATE {place.table} SET {assignments} WHERE {place.key} = ?", [*changes.values(), key]
    )


def _still_held(connection: sqlite3.Connection, text: str) -> bool:
    columns = ", ".join(("country", *(name for name in DETAILS if "itude" not in name)))
    sql = (
        f"SELECT 1 FROM incidents WHERE ?1 IN ({columns}) OR EXISTS (SELECT 1 FROM json_each(extra)"
        " WHERE value = ?1) UNION ALL SELECT 1 FROM counts WHERE region = ?1 LIMIT 1"
    )
    return connection.execute(sql, [text]).fetchone() is not None
