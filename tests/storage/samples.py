"""Small incidents, pulls, forecasts and alerts to store."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np

from core.alerts import Alert, AlertChanges, AlertEvent, AlertState, NewDelivery
from core.explanations import Effect
from core.forecasts import Outlook, RunKey, WatchResult
from core.incidents import BadRow, Batch, Coverage, Incident, Notes, Tally
from core.periods import Period
from core.predictive import Predictive, support_grid
from core.regions import RegionKey
from core.series import LevelSince, Panel, Standing
from core.settings import FeedSettings, WatchSettings

NOW = datetime(2022, 10, 1, 6, tzinfo=UTC)
CUTOFF = date(2022, 9, 30)
FEED = FeedSettings(name="tracker", kind="csv", noun="attacks")
APPEND = FeedSettings(name="tracker", kind="csv", mode="append")


def incident(source_id: str | int, day: str = "2022-01-05", **changes: object) -> Incident:
    plain = Incident(
        *(str(source_id), day, day, 1, "Nigeria", "Borno", None, "ISWAP", "Civilians", None),
        *(3, 1, 5, 11.5, 13.1, "Reuters", None, None),
    )
    return plain._replace(**changes)


@dataclass
class ListPull:
    """A pull of rows at hand; raises `refusal` after them, as a cut file does."""

    incidents: Sequence[Incident] = ()
    tallies: Sequence[Tally] = ()
    bad: Sequence[BadRow] = ()
    through: date = CUTOFF
    first: date = date(2013, 1, 1)
    refusal: Exception | None = None
    origin: str = "incidents.csv"
    accessed: str = "2022-10-01T06:00:00.000000Z"
    bookmark: str = ""
    notes: Notes = field(default_factory=Notes)

    @property
    def digest(self) -> str:
        rows = repr((self.incidents, self.tallies, self.bad, self.first, self.through))
        return hashlib.sha256(rows.encode()).hexdigest()

    def batches(self) -> Iterator[Batch]:
        for start in range(0, len(self.incidents), 7):
            yield Batch(list(self.incidents[start : start + 7]), [], [])
        if self.refusal:
            raise self.refusal
        yield Batch([], list(self.tallies), list(self.bad))

    def coverage(self) -> list[Coverage]:
        return [Coverage("", self.first, self.through)]

    def close(self) -> None:
        pass


def watch(**changes: object) -> WatchSettings:
    plain = {"name": "provinces", "feeds": ("tracker",), "group_by": ("country", "admin1")}
    return WatchSettings.model_validate(plain | changes)


def key(config: str = "c0ffee", cutoff: date = CUTOFF, mode: str = "live") -> RunKey:
    return RunKey(config, cutoff, "2022-10-01T06:00:00.000000Z", mode)


def standing(newest: int = 24_272) -> Standing:
    recent, since = (*(1, None, 2), *range(9)), LevelSince(newest - 3, 6.5, 0.8)
    told = Standing(recent, newest, 8, 3.25, newest - 12, newest - 1, CUTOFF, (4, None))
    effects = (Effect(newest + 1, "date", "Eid – عيد", 2.5, 0.12),)
    return told._replace(since=since, effects=effects)


def result(
    keys: Sequence[RegionKey] = (("Nigeria", "Borno"), ("Nigeria", "Yobe/East")),
    *,
    name: str = "provinces",
    steps: int = 3,
    top: int = 30,
    seed: int = 0,
) -> WatchResult:
    """A block of forecasts with random distributions, two models and random weights."""
    random = np.random.default_rng(seed)
    grid = support_grid(top)
    mass = random.gamma(0.3, 1.0, (len(keys), steps, len(grid))) * 0.8 ** np.arange(len(grid))
    cdf = np.minimum(np.cumsum(mass, axis=-1) / mass.sum(axis=-1, keepdims=True), 1.0)
    cdf[..., -1] = 1.0
    dependence = 0.3 * np.ones((steps, steps)) + 0.7 * np.eye(steps)
    ends = np.full(len(keys), 24_272)
    panel = Panel(
        *(tuple(keys), Period.MONTH, np.ones((len(keys), 24)), ends, np.zeros((len(keys), 0)))
    )
    predictive = Predictive(grid, cdf, dependence, np.arange(len(keys)) + 7)
    weights = random.dirichlet((1.0, 1.0), (len(keys), steps))
    notes = ("", *("prophet: 9 months are too few",) * (len(keys) - 1))[: len(keys)]
    outlook = Outlook(panel, predictive, ("dynamic-count", "conflictology"), weights, notes)
    standings = (standing(),) * len(keys)
    return WatchResult(name, "attacks", outlook, standings, running=24_274)


def alert(alert_id: str = "A1", state: str = "firing", **changes: object) -> Alert:
    fields = {
        "alert_id": alert_id,
        "scope": "live",
        "watch": "provinces",
        "rule": "tempo",
        "region": ("Nigeria", alert_id),
        "state": AlertState(state),
        "severity": "severe",
        "crossings": 1,
        "clears": 0,
        "data_through": CUTOFF,
        "threshold": 8,
        "baseline": 3.5,
        "unit": "attacks",
        "opened_at": "2022-10-01",
        "updated_at": "2022-10-01",
    }
    return Alert(**(fields | changes))


def event(alert_id: str = "A1", sequence: int = 1) -> AlertEvent:
    facts = {"median": 9, "why": "«Borno» ☢"}
    return AlertEvent(
        *(alert_id, sequence, "2022-10-01T06:00:00.000000Z", None, AlertState.FIRING, "severe"),
        *("first crossing", 0.71, facts),
    )


def delivery(delivery_id: str = "D1", alert_id: str = "A1", sequence: int = 1) -> NewDelivery:
    return NewDelivery(delivery_id, alert_id, sequence, "duty", {"z": 1, "a": "«Borno» ☢"})


def changes(count: int = 1) -> AlertChanges:
    """That many alerts, each with one event and one delivery."""
    names = [f"A{n + 1}" for n in range(count)]
    return AlertChanges(
        tuple(alert(name) for name in names),
        tuple(event(name) for name in names),
        tuple(delivery(f"D{name[1:]}", name) for name in names),
    )
