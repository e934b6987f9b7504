"""The dead man's switch: an outside check that hears nothing alarms.

It hears a heartbeat only after a cycle has committed and the outbox has drained, so that silence
means that nobody would be warned, whatever the reason is. Where it takes them, it is also told that
a cycle has begun, so that it knows one that hangs, and at once that one has failed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from core.clock import Clock
from core.errors import ConfigError, TocsinError
from core.settings import HeartbeatSettings
from core.text import clean
from storage.database import Database
from storage.heartbeats import Heartbeats
from storage.outbox import Outbox
from tocsin.config import Config

_START_SECONDS = 5.0
"""For no longer than this a cycle waits for the outside check to hear of it."""
_LONGEST = 500


class Reason(StrEnum):
    """Why a heartbeat is sent, or why not."""

    DUE = "due"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"
    NO_NEW_CYCLE = "no_new_cycle"
    NOT_DRAINED = "not_drained"
    FAILURE_TOLD = "failure_told"

    @property
    def sends(self) -> bool:
        """Whether the outside check is to be told something."""
        return self in {Reason.DUE, Reason.FAILED}


def heartbeat_due(
    settings: HeartbeatSettings | None,
    *,
    committed: bool,
    drained: bool,
    failed: bool = False,
    told: bool = False,
) -> Reason:
    """Return whether a heartbeat is due.

    `failed` says that the newest cycle did, `told` that the outside check knows of it. While it is
    so, no success is sent for an older cycle whose messages have only now gone out.
    """
    if settings is None:
        return Reason.NOT_CONFIGURED
    if failed and settings.fail is not None:
        return Reason.FAILURE_TOLD if told else Reason.FAILED
    if not committed:
        return Reason.NO_NEW_CYCLE
    return Reason.DUE if drained else Reason.NOT_DRAINED


def standing(
    config: Config, database: Database, now: datetime, *, committed: bool = False
) -> Reason:
    """Return `heartbeat_due` as the store has it; `committed`: a cycle has just ended well."""
    heartbeats = Heartbeats(database)
    failure = None if committed else heartbeats.failure()
    told = heartbeats.last("fail")
    return heartbeat_due(
        config.heartbeat,
        committed=committed or heartbeats.owed(),
        drained=Outbox(database).drained(now),
        failed=failure is not None,
        told=failure is not None and told is not None and told >= failure.at,
    )


def beat(config: Config, database: Database, clock: Clock, *, committed: bool = False) -> list[str]:
    """Send the heartbeat that is due; return why the outside check will alarm, if it will."""
    now, heartbeats = clock.now(), Heartbeats(database)
    reason = standing(config, database, now, committed=committed)
    if reason is Reason.NOT_DRAINED:
        return ["no heartbeat was sent: the outbox has not drained"]
    if not reason.sends or config.heartbeat is None:
        return []
    failure = heartbeats.failure() if reason is Reason.FAILED else None
    why = failure.reason if failure else ""
    ending = config.heartbeat.fail or "" if failure else ""
    problem = _post(config, config.heartbeat, ending, why)
    if problem:
        return [f"the heartbeat was not taken: {problem}"]
    heartbeats.note(now, "fail" if failure else "success")
    return []


def begin(config: Config) -> None:
    """Say that a cycle begins, where the outside check takes that; what goes wrong is let be.

    The heartbeat at its end says so, or does not come.
    """
    if config.heartbeat and config.heartbeat.start is not None:
        _post(config, config.heartbeat, config.heartbeat.start, seconds=_START_SECONDS)


@contextmanager
def failures_told(config: Config, database: Database, clock: Clock) -> Iterator[None]:
    """Tell the outside check at once of an error that ends the work inside; it goes on its way."""
    try:
        yield
    except Exception as error:
        if config.heartbeat and config.heartbeat.fail is not None:
            why = error.line() if isinstance(error, TocsinError) else type(error).__name__
            if not _post(config, config.heartbeat, config.heartbeat.fail, why):
                _note_told(database, clock)
        raise


def _note_told(database: Database, clock: Clock) -> None:
    try:
        Heartbeats(database).note(clock.now(), "fail")
    except TocsinError:
        return  # the error that is on its way says more; the next beat tells it again


def address(settings: HeartbeatSettings, environment: Mapping[str, str]) -> str:
    """Return where the heartbeat goes.

    Raises:
        ConfigError: when it is not given, or given twice, or its variable is not set.
    """
    if (settings.url is None) == (settings.url_env is None):
        raise ConfigError("heartbeat", "needs one address", "give url or url_env")
    found = settings.url or environment.get(settings.url_env or "", "")
    if not found:
        raise ConfigError(
            "heartbeat.url_env", f"the environment has no {settings.url_env}", "set it"
        )
    return found


def _post(
    config: Config,
    settings: HeartbeatSettings,
    ending: str = "",
    why: str = "",
    *,
    seconds: float = 20.0,
) -> str:
    """Post to the address; return what went wrong, "" for nothing. Its text names no path."""
    from core.http import Client  # noqa: PLC0415 - requests, only where it is used

    body = clean(why, _LONGEST).encode() if settings.reasons else b""
    try:
        client = Client(
            allow_networks=settings.allow_networks,
            ca_file=config.base / settings.ca_file if settings.ca_file else None,
            deadline=seconds,
        )
        answer = client.post(address(settings, os.environ) + ending, body, {})
    except TocsinError as error:
        return error.line()
    return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
