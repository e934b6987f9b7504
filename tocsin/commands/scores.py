"""`tocsin scores`: how good the forecasts were, of which the outcome is known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import Config, load
from tocsin.labels import unit_of
from tocsin.record.document import Row, document
from tocsin.record.evidence import Choice, Evidence, Told, own_record, rules_of
from tocsin.record.output import write
from tocsin.stores import opened


def scores(
    path: Path,
    database: Path | None,
    watch_name: str | None,
    choice: Choice,
    origins: int | None,
    *,
    form: str,
    raw: bool,
) -> list[str]:
    """Print the track record, or with `origins` a backtest over so many of them."""
    config, clock = load(path), SystemClock()
    watches = [config.watch_named(watch_name)] if watch_name else config.watches
    today = config.service.as_of or clock.now().date()
    found: list[Row] = []
    with opened(config, database, "read", clock) as stores, _progress() as told:
        for watch in watches:
            evidence: Evidence
            if origins is None:
                evidence = own_record(stores, config, watch, choice, today)
            else:
                from tocsin.record.hindcast import hindcast  # noqa: PLC0415 - the engine

                evidence = hindcast(stores, config, watch, choice, today, origins, told)
            found.append(_document(config, watch.name, choice, evidence))
    write(found, form, sys.stdout, raw=raw)
    return []


def _document(config: Config, name: str, choice: Choice, evidence: Evidence) -> Row:
    watch = config.watch_named(name)
    return document(watch, unit_of(config, watch), choice, evidence, rules_of(config, watch))


@contextmanager
def _progress() -> Iterator[Told]:
    """Show how a backtest gets on where somebody is looking; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people

    with Console(stderr=True).status("scores") as status:
        yield lambda done, of: status.update(f"origin {done + 1} of {of}")
