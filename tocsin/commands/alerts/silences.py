"""`tocsin alerts silence`, `silences` and `unsilence`: no messages of some alerts for a while."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from alerts import muting
from core.clock import SystemClock, stamp
from core.errors import InputError
from core.people import MATCHED, Silence
from core.settings import SEVERITIES, Severity
from storage.stories import Stories
from tocsin import by_people
from tocsin.complaints import nearest
from tocsin.config import Config, load
from tocsin.listing import write
from tocsin.plan import plan_of
from tocsin.stores import Stores, opened

COLUMNS = {
    "silence": "Silence",
    "match": "Match",
    "severities": "Severities",
    "made_at": "Since",
    "until": "Until",
    "by": "By",
    "reason": "Reason",
}
_GLOB = 200


def silence(
    path: Path,
    database: Path | None,
    matches: Sequence[str],
    severities: Sequence[str],
    about: tuple[str, str, str],
) -> list[str]:
    """Keep a silence and say which open alerts it mutes; `about` is until when, by whom, and why.

    Raises:
        InputError: when an option cannot be meant.
    """
    config, clock = load(path), SystemClock()
    now = clock.now()
    until, by, reason = about
    wanted = Silence(
        number=0,
        match=dict(_matcher(text) for text in matches),
        severities=tuple(_severity(name) for name in dict.fromkeys(severities)),
        reason=by_people.text("--reason", reason),
        by=by_people.author(by),
        made_at=stamp(now),
        until=by_people.until(until, now),
    )
    with opened(config, database, "write", clock) as stores:
        number = stores.people.silence(wanted)
        count = _muted(config, stores, wanted)
    rest = "" if wanted.severities else "; escalations are told all the same"
    print(f"silence {number} mutes {count} open alert(s) until {wanted.until[:16]}Z{rest}")
    return []


def unsilence(path: Path, database: Path | None, number: int, by: str) -> list[str]:
    """Lift a silence: the next run tells what still fires.

    Raises:
        InputError: when there is no such silence in force.
    """
    clock = SystemClock()
    author = by_people.author(by)
    with opened(load(path), database, "write", clock) as stores:
        stores.people.unsilence(number, stamp(clock.now()), author)
    print(f"silence {number} is lifted; the next run tells what still fires")
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
    key, glob = key.strip(), by_people.text("--match", glob, _GLOB, required=False)
    if not equals or not glob:
        raise InputError("--match", f"{text!r} is not KEY=GLOB", 'write region="Nigeria/*"')
    if key not in MATCHED:
        raise InputError("--match", f"unknown key {key!r}", nearest(key, MATCHED, "keys"))
    return key, glob


def _severity(name: str) -> Severity:
    if name not in SEVERITIES:
        raise InputError("--severity", f"{name!r} is none", nearest(name, SEVERITIES, "they"))
    return name


def _muted(config: Config, stores: Stores, wanted: Silence) -> int:
    alerts = Stories(stores.database).listed("live", everything=False)
    plan = plan_of(config)
    meant = (
        muting.silenced_by([wanted], alert, muting.country_of(alert, plan.watch_of(alert)), at)
        for alert, at in ((alert, wanted.made_at) for alert in alerts)
    )
    return sum(one is not None for one in meant)


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
