"""Alerts and their whole stories, read for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.alerts import Alert, AlertEvent, AlertState, Json, Remark, RemarkKind
from core.errors import InputError
from core.regions import RegionKey
from storage.alerts import ALERT_COLUMNS, OPEN, alert_of
from storage.database import Database

_EVENT = (
    "alert_id, sequence, at, from_state, to_state, severity, reason, probability, facts, remarks"
)
_LISTED = 5
_SHORTEST = 3


class Stories:
    """Answers about single alerts, and lists of them."""

    def __init__(self, database: Database) -> None:
        """Take a database."""
        self._database = database

    def find(self, prefix: str) -> Alert:
        """Return the alert whose id starts so; "al_" may be left out.

        Raises:
            InputError: when none does, or more than one.
        """
        wanted = prefix if prefix.startswith("al_") else f"al_{prefix}"
        found = self._alerts(
            "WHERE substr(alert_id, 1, length(:p)) = :p ORDER BY alert_id LIMIT :most",
            {"p": wanted, "most": _LISTED + 1},
        )
        mend = "'tocsin alerts list --all' shows their ids"
        if not found or len(wanted) < len("al_") + _SHORTEST:
            raise InputError("alert", f"no alert is called {prefix!r}", mend)
        if len(found) > 1:
            names = ", ".join(alert.alert_id for alert in found[:_LISTED])
            raise InputError("alert", f"{prefix!r} is not one alert: {names}", "write more of it")
        return found[0]

    def listed(self, scope: str, *, everything: bool) -> list[Alert]:
        """Return the open alerts of a scope, or all of them, newest change first."""
        open_only = "" if everything else f"AND {OPEN} "
        return self._alerts(
            f"WHERE scope = :scope {open_only}ORDER BY updated_at DESC, alert_id",
            {"scope": scope},
        )

    def changed_since(self, scope: str, since: str) -> list[Alert]:
        """Return the alerts of a scope that changed, or were passed on, since a stamp."""
        return self._alerts(
            "WHERE scope = :scope AND alert_id IN (SELECT alert_id FROM alert_events "
            "WHERE at >= :since AND (from_state IS NULL OR from_state <> to_state "
            "OR reason IN ('escalated', 'de_escalated')) "
            "UNION SELECT alert_id FROM passed_on WHERE at >= :since) "
            "ORDER BY updated_at DESC, alert_id",
            {"scope": scope, "since": since},
        )

    def events(self, alert_id: str) -> list[AlertEvent]:
        """Return the steps of an alert, oldest first."""
        rows = self._database.rows(
            f"SELECT {_EVENT} FROM alert_events WHERE alert_id = ? "  # noqa: S608 - own texts
            "ORDER BY sequence",
            [alert_id],
        )
        return [_event(row) for row in rows]

    def step(self, alert_id: str, sequence: int) -> AlertEvent:
        """Return one step of an alert, which must be there."""
        ((*row,),) = self._database.rows(
            f"SELECT {_EVENT} FROM alert_events "  # noqa: S608 - own texts
            "WHERE alert_id = ? AND sequence = ?",
            [alert_id, sequence],
        )
        return _event(row)

    def newest(self, alert_ids: Sequence[str]) -> dict[str, AlertEvent]:
        """Return per alert its newest step."""
        rows = self._database.rows(
            f"SELECT {_EVENT} FROM json_each(?) "  # noqa: S608 - own texts
            "JOIN alert_events AS e ON e.alert_id = value WHERE sequence = "
            "(SELECT max(sequence) FROM alert_events WHERE alert_id = value)",
            [json.dumps(alert_ids)],
        )
        return {row[0]: _event(row) for row in rows}

    def verdicts_since(self, since: str) -> list[Json]:
        """Return the verdicts given since a stamp, oldest first, ready for JSON."""
        keys = (
            *("alert", "watch", "rule", "region", "verdict", "observed", "threshold"),
            *("probability", "judged_at"),
        )
        rows = self._database.rows(
            "SELECT v.alert_id, watch, rule, region, verdict, observed, v.threshold, probability, "
            "judged_at, words FROM verdicts AS v JOIN alerts USING (alert_id) WHERE judged_at >= ? "
            "ORDER BY judged_at, v.alert_id",
            [since],
        )
        return [
            {**dict(zip(keys, row[:-1], strict=True)), "words": f"{row[3]}: {row[-1]}"}
            for row in rows
        ]

    def places(self, alert_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return per alert its watch, and its region as it is shown."""
        rows = self._database.rows(
            "SELECT alert_id, watch, region FROM alerts "
            "WHERE alert_id IN (SELECT value FROM json_each(?))",
            [json.dumps(alert_ids)],
        )
        return {name: (watch, region) for name, watch, region in rows}

    def regions(self, watch: str) -> list[RegionKey]:
        """Return the regions that were ever forecast for a watch."""
        rows = self._database.rows("SELECT region_key FROM series WHERE watch = ?", [watch])
        return [tuple(json.loads(key)) for (key,) in rows]

    def _alerts(self, where: str, bound: Json) -> list[Alert]:
        sql = f"SELECT {ALERT_COLUMNS} FROM alerts {where}"  # noqa: S608 - own texts
        return [alert_of(row) for row in self._database.rows(sql, bound)]


def _event(row: Sequence[Any]) -> AlertEvent:
    alert_id, sequence, at, before, after, severity, reason, probability, facts, remarks = row
    return AlertEvent(
        alert_id=alert_id,
        sequence=sequence,
        at=at,
        from_state=AlertState(before) if before else None,
        to_state=AlertState(after),
        severity=severity,
        reason=reason,
        probability=probability,
        facts=json.loads(facts),
        remarks=tuple(Remark(RemarkKind(r["kind"]), r["text"]) for r in json.loads(remarks)),
    )
