"""Lists of alerts, page by page: what fits is chosen and counted by SQL, however long the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.alerts import Alert
from storage.alerts import ALERT_COLUMNS, OPEN, alert_of
from storage.database import Database


class After(NamedTuple):
    """Where a page goes on: after this alert in the order of the list."""

    updated_at: str
    alert_id: str


@dataclass(frozen=True)
class Wanted:
    """Which alerts of a scope are listed; None takes all.

    Attributes:
        open_only: whether past ones are left out.
        watch: tells of a watch's name whether it may be shown.
        region: tells of a region, as it is shown, whether it fits.
        rule, severity: names.
    """

    open_only: bool = True
    watch: Callable[[str], bool] | None = None
    region: Callable[[str], bool] | None = None
    rule: str | None = None
    severity: str | None = None
    scope: str = "live"


class LastStep(NamedTuple):
    """The newest step of an alert, as lists tell it."""

    reason: str
    probability: float


class AlertLists:
    """The lists over one database, the newest change first."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def number(self, wanted: Wanted) -> int:
        """Return how many alerts fit."""
        where, bound = self._where(wanted)
        found: int = self._database.value(f"SELECT count(*) FROM alerts {where}", bound)  # noqa: S608 - own texts
        return found

    def page(
        self, wanted: Wanted, limit: int, after: After | None = None, skip: int = 0
    ) -> list[Alert]:
        """Return up to `limit` alerts that fit, from after one of them, or from the `skip`-th."""
        where, bound = self._where(wanted)
        if after is not None:
            # The same order twice: the first part lets an index find the place.
            where += (
                " AND updated_at <= :updated_at"
                " AND (updated_at < :updated_at OR alert_id > :alert_id)"
            )
            bound |= after._asdict()
        rows = self._database.rows(
            f"SELECT {ALERT_COLUMNS} FROM alerts {where} "  # noqa: S608 - own texts
            "ORDER BY updated_at DESC, alert_id LIMIT :limit OFFSET :skip",
            {**bound, "limit": limit, "skip": skip},
        )
        return [alert_of(row) for row in rows]

    def last_steps(self, alert_ids: Sequence[str]) -> dict[str, LastStep]:
        """Return per alert its newest step, without its facts: reading them takes longest."""
        rows = self._database.rows(
            "SELECT alert_id, reason, probability FROM json_each(?) "
            "JOIN alert_events AS e ON e.alert_id = value WHERE sequence = "
            "(SELECT max(sequence) FROM alert_events WHERE alert_id = value)",
            [json.dumps(alert_ids)],
        )
        return {alert_id: LastStep(*step) for alert_id, *step in rows}

    def _where(self, wanted: Wanted) -> tuple[str, dict[str, Any]]:
        tests, bound = ["scope = :scope"], {"scope": wanted.scope}
        if wanted.open_only:
            tests.append(OPEN)
        for column in ("rule", "severity"):
            value = getattr(wanted, column)
            if value is not None:
                tests.append(f"{column} = :{column}")
                bound[column] = value
        for column, fits in (("watch", wanted.watch), ("region", wanted.region)):
            if fits is not None:
                tests.append(f"{column} IN (SELECT value FROM json_each(:{column}))")  # noqa: S608 - own texts
                bound[column] = json.dumps(self._fitting(wanted, column, fits))
        return f"WHERE {' AND '.join(tests)}", bound

    def _fitting(self, wanted: Wanted, column: str, fits: Callable[[str], bool]) -> list[str]:
        """Return the values of a column that fit: many alerts are of few watches and regions."""
        among = f"AND {OPEN}" if wanted.open_only else ""
        rows = self._database.rows(
            f"SELECT DISTINCT {column} FROM alerts WHERE scope = ? {among}",  # noqa: S608 - own texts
            [wanted.scope],
        )
        return [value for (value,) in rows if fits(value)]
