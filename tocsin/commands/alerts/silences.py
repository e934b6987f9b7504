"""`tocsin alerts silence`, `silences` and `unsilence`: no messages of some alerts for a while."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from core.clock import SystemClock, stamp
from core.errors import InputError
from core.people import Silence
from core.quantities import quantity
from tocsin.acting import Acting, muted_by
from tocsin.config import load
from tocsin.listing import answer, write
from tocsin.stores import opened

COLUMNS = {
    "silence": "Silence",
    "match": "Match",
    "severities": "Severities",
    "made_at": "Since",
    "until": "Until",
    "by": "By",
    "reason": "Reason",
}


def silence(
    path: Path,
    database: Path | None,
    matches: Sequence[str],
    severities: Sequence[str],
    about: tuple[str, str, str],
    *,
    form: str,
) -> list[str]:
    """Keep a silence and say which open alerts it mutes; `about` is until when, by whom, and why.

    Raises:
        InputError: when an option cannot be meant.
    """
    config, clock = load(path), SystemClock()
    until, by, reason = about
    match = dict(_matcher(text) for text in matches)
    with opened(config, database, "write", clock) as stores:
        acting = Acting(stores, by, clock.now())
        made = acting.silence(match, severities, until, reason)
        count = muted_by(config, stores, made)
    rest = "" if made.severities else "; escalations are told all the same"
    muted = quantity(count, "open alerts")
    words = f"silence {made.number} mutes {muted} until {made.until[:16]}Z{rest}"
    answer(words, {**_row(made, form), "muted_alerts": count}, form, sys.stdout)
    return []


def unsilence(path: Path, database: Path | None, number: int, by: str, *, form: str) -> list[str]:
    """Lift a silence: the next run tells what still fires.

    Raises:
        InputError: when there is no such silence in force.
    """
    clock = SystemClock()
    with opened(load(path), database, "write", clock) as stores:
        lifted = Acting(stores, by, clock.now()).unsilence(number)
    words = f"silence {number} is lifted; the next run tells what still fires"
    ended = {"ended_at": lifted.ended_at, "ended_by": lifted.ended_by}
    answer(words, {**_row(lifted, form), **ended}, form, sys.stdout)
    return []


def silences(path: Path, database: Path | None, *, form: str, raw: bool) -> list[str]:
    """Print the silences in force."""
    clock = SystemClock()
    with opened(load(path), database, "read", clock) as stores:
        found = stores.people.silences_after(stamp(clock.now()))
    rows = [_row(one, form) for one in found]
    write(rows, COLUMNS, form, sys.stdout, raw=raw, empty="no silence is in force")
    return []


def _matcher(text: str) -> tuple[str, str]:
    key, equals, glob = text.partition("=")
    if not equals or not glob.strip():
        raise InputError("--match", f"{text!r} is not KEY=GLOB", 'write region="Nigeria/*"')
    return key.strip(), glob


def _row(one: Silence, form: str) -> dict[str, Any]:
    if form == "json":
        match, severities = cast("Any", one.match), cast("Any", list(one.severities))
    else:
        match = " ".join(f"{key}={glob}" for key, glob in one.match.items())
        severities = " ".join(one.severities) or "all but escalations"
    short = 16 if form == "text" else None
    return {
        "silence": one.number,
        "match": match,
        "severities": severities,
        "made_at": one.made_at[:short],
        "until": one.until[:short],
        "by": one.by,
        "reason": one.reason,
    }
