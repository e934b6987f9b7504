"""`tocsin pull`: bring feeds in without forecasting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.clock import SystemClock
from tocsin.config import load
from tocsin.pulling import pull_all
from tocsin.stores import opened


def pull(path: Path, database: Path | None, names: Sequence[str]) -> list[str]:
    """Pull feeds and print what each changed; refusals are raised when nothing else came in."""
    config, clock = load(path), SystemClock()
    today = config.service.as_of or clock.now().date()
    with opened(config, database, "own", clock) as stores:
        reports, refusals = pull_all(config, stores.incidents, clock, today, lambda _: None, names)
    for report in reports:
        print(report.line())
        for remark in (*report.notes.remarks, *report.notes.waiting):
            print(f"  {remark}")
    if refusals and not reports:
        raise refusals[0]
    return [refusal.line() for refusal in refusals]
