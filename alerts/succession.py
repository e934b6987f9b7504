"""Regions that were renamed by an alias: whose alert goes on as whose."""

from __future__ import annotations

from dataclasses import replace

from alerts.lifecycle import Moment, alert_id
from core.alerts import Alert
from core.regions import RegionKey
from core.settings import Aliases, WatchSettings


def renamed(region: RegionKey, watch: WatchSettings | None, aliases: Aliases) -> RegionKey | None:
    """Return the name that aliases give a region now; None when it is the one it has."""
    if watch is None or len(watch.group_by) != len(region):
        return None
    pairs = zip(watch.group_by, region, strict=True)
    name = tuple(_canonical(column, part, aliases) for column, part in pairs)
    return None if name == region else name


def heir(alert: Alert, region: RegionKey, moment: Moment) -> Alert:
    """Return the alert that goes on with an episode under a region's new name.

    It keeps state, severity, counts of runs and what the episode opened with; only its name and
    id are new.
    """
    moved = replace(alert, region=region, updated_at=moment.at)
    return replace(moved, alert_id=alert_id(moved, moment))


def _canonical(column: str, part: str, aliases: Aliases) -> str:
    names: dict[str, tuple[str, ...]] = getattr(aliases, column, {})
    return next((name for name, spelled in names.items() if part in spelled), part)
