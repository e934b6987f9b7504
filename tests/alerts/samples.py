"""Real parts for the tests of alerts: forecasts, alerts, messages, an outbox in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from scipy.stats import poisson

from alerts.facts import Facts
from alerts.messages import Message, compose
from alerts.templates import Templates
from core.alerts import (
    Alert,
    AlertEvent,
    AlertState,
    Attempt,
    Delivery,
    Evaluation,
    Json,
    NewDelivery,
    Reading,
)
from core.clock import stamp
from core.forecasts import Outlook, WatchResult
from core.periods import Period
from core.predictive import Predictive, support_grid
from core.regions import RegionKey
from core.series import Panel, Standing
from core.settings import ChannelSettings, RuleSettings, WatchSettings

NOW = datetime(2022, 10, 3, 6, 0, tzinfo=UTC)
CHANNELS = [ChannelSettings(name=name, kind="console") for name in ("duty", "soc")]
HEARD = {"duty": "2022-10-31T06:00:00.000000Z"}
"""Channels that were told, and when."""
KABUL: RegionKey = ("Afghanistan", "Kabul")
SEPTEMBER = Period.MONTH.of(date(2022, 9, 1))


SOURCE = {
    "feed": "ucdp-afghanistan",
    "noun": "deadly events",
    "attribution": "Uppsala",
    "licence": "CC BY 4.0",
    "share": "rows",
    "accessed": "2022-10-02",
}


def rule(**changes: Any) -> RuleSettings:
    """Two levels: 8 or more with probability 0.5, 20 or more with 0.6."""
    given = {
        "name": "tempo",
        "watch": "provinces",
        "within": 3,
        "levels": [
            {"severity": "elevated", "at_least": 8, "probability": 0.5},
            {"severity": "severe", "at_least": 20, "probability": 0.6},
        ],
        "clear_probability": 0.35,
        "action": "Check convoys.",
    }
    return RuleSettings.model_validate({**given, **changes})


def watch(**changes: Any) -> WatchSettings:
    given = {"name": "provinces", "feeds": ["feed"], "group_by": ["country", "admin1"]}
    return WatchSettings.model_validate({**given, **changes})


def predictive(means: Any, top: int = 400) -> Predictive:
    """Independent Poisson forecasts; `means` is (series, horizons)."""
    means = np.asarray(means, dtype=float)
    support = support_grid(top)
    cdf = poisson.cdf(support, means[..., None])
    cdf[..., -1] = 1.0
    return Predictive(support, np.minimum(cdf, 1.0), np.eye(means.shape[1]))


def standing(
    end: int, baseline: float | None = 4.0, recent: tuple[int, ...] = (3, 5, 7)
) -> Standing:
    return Standing(
        recent=recent,
        newest=end,
        tempo=recent[-1],
        baseline=baseline,
        baseline_first=end - 12,
        baseline_last=end - 1,
        data_as_of=Period.MONTH.end(end),
        opened=(2,),
    )


def result(
    means: Any,
    ends: list[int] | None = None,
    *,
    keys: list[RegionKey] | None = None,
    running: int = SEPTEMBER + 1,
    baselines: list[float | None] | None = None,
) -> WatchResult:
    """A monthly block of Poisson forecasts, complete to September 2022 unless `ends` differ."""
    means = np.asarray(means, dtype=float)
    series, steps = means.shape
    ends = ends or [SEPTEMBER] * series
    baselines = baselines or [4.0] * series
    panel = Panel(
        keys=tuple(keys or [("Afghanistan", f"P{n}") for n in range(series)]),
        period=Period.MONTH,
        counts=np.ones((series, 3)),
        ends=np.array(ends),
        opened=np.full((series, 1), 2.0),
    )
    weights = np.tile([0.7, 0.3, 0.0], (series, steps, 1))
    members = ("dynamic-count", "conflictology", "silent")
    outlook = Outlook(panel, predictive(means), members, weights, ("",) * series)
    standings = tuple(standing(e, b) for e, b in zip(ends, baselines, strict=True))
    return WatchResult("provinces", "deadly events", outlook, standings, running)


def facts(**changes: Any) -> Json:
    """What a rule tells of Kabul at the end of September 2022."""
    given = {
        "about": "forecast",
        "place": "Afghanistan/Kabul",
        "region": KABUL,
        "watch": "provinces",
        "rule": "tempo",
        "unit": "deadly events",
        "period": "month",
        "aggregate": "any",
        "window": {"first": "2022-10-01", "last": "2022-12-31", "periods": 3},
        "levels": [
            {
                "severity": "elevated",
                "threshold": 8,
                "follows": "",
                "needed": 0.5,
                "probability": 0.74,
            },
            {
                "severity": "severe",
                "threshold": 20,
                "follows": "",
                "needed": 0.6,
                "probability": 0.2,
            },
        ],
        "expected": {"of": "largest period", "median": 9, "low_90": 4, "high_90": 17},
        "recent": [{"period": "2022-08", "count": 5}, {"period": "2022-09", "count": 7}],
        "seen_so_far": [{"period": "2022-10", "count": 2}],
        "expected_when_complete": [],
        "not_yet_reported": [],
        "tempo": 7,
        "baseline": {"mean": 4.25, "first": "2021-09-01", "last": "2022-08-31"},
        "data_as_of": "2022-09-30",
        "cutoff": "2022-10-03",
        "running": "2022-10",
        "label": "",
        "overdue": [],
        "models": [{"model": "dynamic-count", "weight": 0.7}],
        "note": "",
        "action": "Check convoys.",
        "owner": "",
        "clear_probability": 0.35,
        "clear_after": 2,
        "sources": [SOURCE],
        "filters": "incidents by country, admin1, per month",
    }
    return Facts.model_validate({**given, **changes}).model_dump(mode="json")


TOLD = facts()


def evaluation(
    elevated: float,
    severe: float = 0.0,
    through: date = date(2022, 9, 30),
    region: RegionKey = KABUL,
) -> Evaluation:
    readings = (Reading("elevated", 8, 0.5, elevated), Reading("severe", 20, 0.6, severe))
    return Evaluation("provinces", "tempo", region, readings, 0.35, through, TOLD)


def alert(**changes: Any) -> Alert:
    """A firing, elevated alert in Kabul."""
    opened = Alert(
        alert_id="al_0123456789abcdef0123",
        scope="live",
        watch="provinces",
        rule="tempo",
        region=KABUL,
        state=AlertState.FIRING,
        severity="elevated",
        crossings=1,
        clears=0,
        data_through=date(2022, 9, 30),
        threshold=8,
        baseline=4.25,
        unit="deadly events",
        opened_at=stamp(NOW),
        updated_at=stamp(NOW),
    )
    return replace(opened, **changes)


def event(of: Alert, reason: str = "crossed_enough_runs", **told: Any) -> AlertEvent:
    return AlertEvent(
        alert_id=of.alert_id,
        sequence=1,
        at=stamp(NOW),
        from_state=None,
        to_state=of.state,
        severity=of.severity,
        reason=reason,
        probability=told.pop("probability", 0.74),
        facts=facts(**told),
    )


def body(**told: Any) -> Json:
    """The body of a firing alert's message."""
    return compose(alert(), event(alert(), **told)).model_dump(mode="json")


def page(message: Message) -> str:
    """The HTML of a mail."""
    return Templates().render("email", "html", message)


def delivery(number: int = 1, channel: str = "duty", **told: Any) -> Delivery:
    return Delivery(
        delivery_id=f"msg_{number:020x}",
        alert_id="al_0123456789abcdef0123",
        channel=channel,
        body=body(**told),
        created_at=stamp(NOW),
        attempt=1,
    )


@dataclass
class MovingClock:
    """A clock that a test moves."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def forward(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@dataclass
class MemoryOutbox:
    """Obeys core.protocols.Outbox in memory; every change is a compare-and-set on one row."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    disabled: dict[str, str] = field(default_factory=dict)

    def put(self, made: NewDelivery | Delivery, now: datetime = NOW) -> None:
        self.rows[made.delivery_id] = {
            "made": made,
            "created_at": stamp(now),
            "due": now,
            "leased": None,
            "tries": 0,
            "state": "pending",
            "attempts": [],
        }

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, only: str | None = None
    ) -> list[Delivery]:
        due = [
            row
            for name, row in self.rows.items()
            if row["state"] == "pending"
            and only in {None, name}
            and row["made"].channel not in self.disabled
            and row["due"] <= now
            and (row["leased"] is None or row["leased"] <= now)
        ]
        for row in due[:limit]:
            row["leased"] = now + timedelta(seconds=lease_seconds)
        return [
            Delivery(
                row["made"].delivery_id,
                row["made"].alert_id,
                row["made"].channel,
                row["made"].body,
                row["created_at"],
                row["tries"] + 1,
            )
            for row in due[:limit]
        ]

    def release(self, delivery_ids: Collection[str]) -> None:
        for name in delivery_ids:
            self.rows[name]["leased"] = None

    def delivered(self, delivery_id: str, attempt: Attempt) -> None:
        self._note(delivery_id, attempt, "delivered")

    def settle(self) -> None:
        """Nothing waits."""

    def failed(self, delivery_id: str, attempt: Attempt, retry_at: datetime | None) -> None:
        self._note(delivery_id, attempt, "dead" if retry_at is None else "pending")
        self.rows[delivery_id].update(leased=None, due=retry_at)

    def refused(self, delivery_id: str, attempt: Attempt, settings: str) -> None:
        self._note(delivery_id, attempt, "pending")
        self.disabled[self.rows[delivery_id]["made"].channel] = settings
        self.rows[delivery_id].update(leased=None)

    def count(self, state: str) -> int:
        return sum(row["state"] == state for row in self.rows.values())

    def attempts(self, delivery_id: str) -> list[Attempt]:
        return list(self.rows[delivery_id]["attempts"])

    def _note(self, delivery_id: str, attempt: Attempt, state: str) -> None:
        row = self.rows[delivery_id]
        assert row["state"] == "pending"
        row["state"] = state
        row["tries"] += 1
        row["attempts"].append(attempt)
