"""`tocsin redact`: texts of incidents erased for good, with counts unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock, SystemClock, stamp
from core.errors import InputError
from core.quantities import quantity
from core.settings import FeedSettings
from core.text import clean
from storage.database import Database
from storage.erasures import feeds
from storage.redaction import Target, Warrant, aim, columns_of, erase, incidents_matching
from tocsin.complaints import nearest
from tocsin.config import Config, load
from tocsin.stores import opened
from tocsin.watch_checks import dispensable

_LONGEST = 500


@dataclass(frozen=True)
class Request:
    """What a person asks to erase, and why.

    `ids` or `where` (column → glob) name the incidents; `columns` empty means all that no watch
    counts by.
    """

    feed: str
    ids: tuple[str, ...]
    where: Mapping[str, str]
    columns: tuple[str, ...]
    person: str
    reason: str


def redact(
    path: Path, database: Path | None, request: Request, *, yes: bool, clock: Clock | None = None
) -> list[str]:
    """Erase what is asked for, or without `yes` say what that would be.

    Raises:
        ConfigError: when the configuration is wrong.
        InputError: when what is asked cannot be meant, or would change a count.
        StorageError: when the database cannot be used, or another process owns it.
    """
    config, clock = load(path), clock or SystemClock()
    texts = _configured(config, request.feed)
    fields = _fields(texts, request) if texts else ()
    with opened(config, database, "own" if yes else "read", clock) as stores:
        if texts is None:
            texts = _stored(stores.database, config, request.feed)
            fields = _fields(texts, request)
        target = _aim(stores.database, request, fields)
        _check_words(request, target)
        if yes:
            warrant = Warrant(clean(request.person, _LONGEST), stamp(clock.now()), request.reason)
            elsewhere = erase(stores.database, target, warrant)
    if yes:
        rows = quantity(elsewhere, "rows")
        print(f"erased: {_told(target)}; {rows} elsewhere. Counts are unchanged.")
    else:
        print(f"would erase: {_told(target)}. Nothing is changed; --yes does it.")
    for column in sorted(texts.counted.keys() - set(fields)):
        print(f"left: {column}, which watch {texts.counted[column]} counts by")
    return []


class Texts(NamedTuple):
    """The columns of a feed that hold texts; those that a watch counts by, with its name."""

    known: frozenset[str]
    counted: Mapping[str, str]


def _configured(config: Config, name: str) -> Texts | None:
    """Return the texts of a feed of the configuration; None where it has no such feed."""
    for feed in config.feeds:
        if feed.name == name:
            return Texts(dispensable(feed), _counted(config, feed))
    return None


def _stored(database: Database, config: Config, name: str) -> Texts:
    """Return the texts of a feed that was taken out of the configuration: no watch counts it."""
    known = columns_of(database, name)
    if known is None:
        mend = nearest(name, {*(feed.name for feed in config.feeds), *feeds(database)}, "feeds")
        raise InputError("--feed", f"no feed is called {name!r}", mend)
    return Texts(known, {})


def _counted(config: Config, feed: FeedSettings) -> dict[str, str]:
    """Return the columns of a feed that a watch counts by, with the watch."""
    return {
        column: watch.name
        for watch in reversed(config.watches)
        if feed.name in watch.feeds
        for column in dispensable(feed) & watch.needs
    }


def _fields(texts: Texts, request: Request) -> tuple[str, ...]:
    known, kept = texts
    for column in request.columns:
        if column not in known:
            problem = f"{column!r} is no text of an incident of this feed"
            raise InputError("--columns", problem, nearest(column, known, "columns"))
        if column in kept:
            problem = f"watch {kept[column]!r} counts by {column!r}: its counts would change"
            mend = "take the column out of the watch first, or name other columns"
            raise InputError("--columns", problem, mend)
    fields = request.columns or tuple(sorted(known - kept.keys()))
    if not fields:
        raise InputError(
            "--feed", f"{request.feed!r} has no text that could be erased", "choose one"
        )
    return fields


def _aim(database: Database, request: Request, fields: Sequence[str]) -> Target:
    if bool(request.ids) == bool(request.where):
        raise InputError("tocsin redact", "needs --id or --where, one of the two", "name incidents")
    try:
        ids = incidents_matching(database, request.feed, request.ids, request.where)
    except ValueError as error:
        raise InputError("--where", str(error), "name a column of the feed") from None
    missing = sorted(set(request.ids) - set(ids))
    if missing or not ids:
        what = f"no incident has the id {missing[0]!r}" if missing else "no incident matches"
        mend = "'tocsin diff' lists the ids that came in"
        raise InputError("--id" if missing else "--where", what, mend)
    return aim(database, request.feed, ids, fields)


def _check_words(request: Request, target: Target) -> None:
    """Refuse a log entry that would keep what is to be erased, and an empty one."""
    for option, words in (("--reason", request.reason), ("--by", request.person)):
        if not clean(words) or len(words) > _LONGEST:
            problem = f"needs 1 to {_LONGEST} characters"
            raise InputError(option, problem, "the log keeps who erased, and why")
    folded = request.reason.casefold()
    if any(len(text) > 2 and text.casefold() in folded for text in target.texts):
        problem = "repeats a text that is to be erased, and the log would keep it"
        raise InputError("--reason", problem, "say why without it")


def _told(target: Target) -> str:
    return (
        f"{', '.join(target.fields)} of {quantity(len(target.ids), 'incidents')}, "
        f"{quantity(target.versions, 'versions')} with such text"
    )
