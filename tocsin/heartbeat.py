"""The dead man's switch: an outside check that hears nothing alarms.

It hears a heartbeat only after a cycle has committed and the outbox has drained, so that silence
means that nobody would be warned, whatever the reason is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from core.clock import Clock
from core.errors import ConfigError
from core.settings import HeartbeatSettings
from storage.database import Database
from storage.heartbeats import Heartbeats
from storage.outbox import Outbox
from tocsin.config import Config


class Reason(StrEnum):
    """Why a heartbeat is sent, or why not."""

    DUE = "due"
    NOT_CONFIGURED = "not_configured"
    NO_NEW_CYCLE = "no_new_cycle"
    NOT_DRAINED = "not_drained"


def heartbeat_due(settings: HeartbeatSettings | None, *, committed: bool, drained: bool) -> Reason:
    """Return whether a heartbeat is due."""
    if settings is None:
        return Reason.NOT_CONFIGURED
    if not committed:
        return Reason.NO_NEW_CYCLE
    return Reason.DUE if drained else Reason.NOT_DRAINED


def standing(
    config: Config, database: Database, now: datetime, *, committed: bool = False
) -> Reason:
    """Return `heartbeat_due` as the store has it; `committed`: a cycle has just ended well."""
    committed = committed or Heartbeats(database).owed()
    return heartbeat_due(
        config.heartbeat, committed=committed, drained=Outbox(database).drained(now)
    )


def beat(config: Config, database: Database, clock: Clock, *, committed: bool = False) -> list[str]:
    """Send the heartbeat that is due; return why the outside check will alarm, if it will."""
    now = clock.now()
    reason = standing(config, database, now, committed=committed)
    if reason is Reason.NOT_DRAINED:
        return ["no heartbeat was sent: the outbox has not drained"]
    if reason is not Reason.DUE or config.heartbeat is None:
        return []
    problem = _post(config, config.heartbeat)
    if problem:
        return [f"the heartbeat was not taken: {problem}"]
    Heartbeats(database).note(now)
    return []


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


def _post(config: Config, settings: HeartbeatSettings) -> str:
    """Post an empty body; return what went wrong, "" for nothing. Its text names no path."""
    from core.http import Client, RequestError  # noqa: PLC0415 - requests, only where it is used

    client = Client(
        allow_networks=settings.allow_networks,
        ca_file=config.base / settings.ca_file if settings.ca_file else None,
    )
    try:
        answer = client.post(address(settings, os.environ), b"", {})
    except RequestError as error:
        return error.line()
    return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
