"""Pages of long lists: at most 1,000 rows, and a cursor that goes on after the last one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from core.errors import InputError

MOST_ROWS = 1_000
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Rows of one page.")]
CursorText = Annotated[
    str | None,
    Query(max_length=2_000, description="Where to go on: what `next` of the page before said."),
]


def cursor_at(kind: str, key: Sequence[str | float]) -> str:
    """Return the cursor that goes on after a key; `kind` names the list and its order."""
    text = json.dumps([kind, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_in(text: str | None, kind: str, types: Sequence[type]) -> list[Any] | None:
    """Return the key in a cursor of this kind, None without a cursor.

    Raises:
        InputError: for a cursor that is not ours, or that belongs to another list.
    """
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError):
        found = None
    ours = isinstance(found, list) and len(found) == len(types) + 1 and found[0] == kind
    if ours and all(_is(value, wanted) for value, wanted in zip(found[1:], types, strict=True)):
        return list(found[1:])
    raise InputError("cursor", "does not belong to this list", "begin again without it")


def _is(value: object, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is int:
        return type(value) is int and abs(value) < 2**63
    return isinstance(value, wanted)
