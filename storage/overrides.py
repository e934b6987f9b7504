"""Overrides of analysts, as rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from core.errors import InputError
from core.overrides import Model, Override
from core.regions import RegionKey, label
from storage.database import Database

_COLUMNS = (
    "override_id, watch, region_key, period, alert_id, value, severity, model, reason, author, "
    "made_at, until, ended_at, ended_by FROM overrides"
)


class Overrides:
    """Overrides over one database; writing needs mode "write" or "own"."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def add(self, made: Override) -> int:
        """Keep a new override and return the number that names it."""
        row = [
            *(made.watch, json.dumps(made.region, ensure_ascii=False), label(made.region)),
            *(made.period and made.period.isoformat(), made.alert_id, made.value, made.severity),
            *(json.dumps(asdict(made.model)), made.reason, made.by, made.made_at, made.until),
        ]
        with self._database.transaction() as connection:
            number = connection.execute(
                "INSERT INTO overrides (watch, region_key, region, period, alert_id, value, "
                "severity, model, reason, author, made_at, until) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING override_id",
                row,
            ).fetchone()
        return int(number[0])

    def end(self, number: int, at: str, by: str) -> None:
        """Take an override back; it stays, to be scored.

        Raises:
            InputError: when there is no such override, or it has ended already.
        """
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE overrides SET ended_at = :at, ended_by = :by WHERE override_id = :number "
                "AND ended_at IS NULL AND (until IS NULL OR until > :at)",
                {"at": at, "by": by, "number": number},
            ).rowcount
        if not changed:
            mend = "'tocsin overrides list' shows those in force"
            raise InputError("overrides", f"no override {number} is in force", mend)

    def in_force(self, at: str) -> list[Override]:
        """Return the overrides in force at a stamp, oldest first."""
        return self._found(
            "WHERE ended_at IS NULL AND (until IS NULL OR until > ?) ORDER BY override_id", [at]
        )

    def all(self) -> list[Override]:
        """Return every override that was ever made, oldest first."""
        return self._found("ORDER BY override_id", [])

    def of_region(self, watch: str, region: RegionKey) -> list[Override]:
        """Return every override of a region's forecasts and alerts, oldest first."""
        return self._found(
            "WHERE watch = ? AND region_key = ? ORDER BY override_id",
            [watch, json.dumps(region, ensure_ascii=False)],
        )

    def _found(self, where: str, bound: Sequence[object]) -> list[Override]:
        return [_override(row) for row in self._database.rows(f"SELECT {_COLUMNS} {where}", bound)]


def _override(row: Sequence[Any]) -> Override:
    number, watch, region, period, alert_id, value, severity, model, *rest = row
    day = date.fromisoformat(period) if period else None
    said = Model(**json.loads(model))
    return Override(
        number, watch, tuple(json.loads(region)), day, alert_id, value, severity, said, *rest
    )
