"""What a run makes and keeps: its identity, and the forecasts of a block of series."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:  # NumPy: whoever has an outlook has it, whoever only names a run need not
    from core.explanations import Change, Effect
    from core.predictive import Predictive
    from core.series import FloatArray, LevelSince, Panel, Standing

Mode = Literal["live", "replay", "drill"]
"""A replay asks what would have been forecast; a drill is a replay whose alerts are sent."""

INTERVALS = (50, 80, 90, 95)
"""Central intervals whose coverage is told, in percent, the narrowest first."""


class RunKey(NamedTuple):
    """What makes two runs the same: nothing that went in differs.

    `watermark` is the stamp of the last change of the incident store ("" for an empty one).
    """

    config_hash: str
    cutoff: date
    watermark: str
    mode: Mode = "live"

    @property
    def digest(self) -> str:
        """Return a hash that names this run on every machine."""
        return hashlib.sha256("|".join(map(str, self)).encode()).hexdigest()

    @property
    def scope(self) -> str:
        """Return whose alerts a run continues: all live runs share theirs, others start anew."""
        return "live" if self.mode == "live" else f"{self.mode} {self.cutoff} {self.digest[:8]}"


@dataclass(frozen=True)
class Outlook:
    """The pooled forecasts of a block of series.

    Attributes:
        panel: the series.
        predictive: (series, steps); step 1 is the first period that is not complete.
        members: names of the models.
        weights: (series, steps, members), not negative, summing to 1 over the members.
        notes: one per series: "" or why fewer models than configured made it.
        reasons: what failed over all blocks, on the last one; the run is degraded.
        remarks: what was left out on purpose over all blocks, on the last one.
        since: one per series: its last change of level, where one is more probable than not;
            empty where no model looked for any.
        effects: one per series: what season, known dates and neighbours do to it, where members
            that know of these have a share; empty where nobody asked.
    """

    panel: Panel
    predictive: Predictive
    members: tuple[str, ...]
    weights: FloatArray
    notes: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    since: tuple[LevelSince | None, ...] = ()
    effects: tuple[tuple[Effect, ...], ...] = ()


@dataclass(frozen=True)
class WatchResult:
    """One block of a watch, ready to be stored.

    Attributes:
        watch: its name.
        unit: the noun of what is counted ("deadly events"; "deaths in …" for fatalities).
        outlook: the forecasts.
        standings: one per series.
        running: index of the period that holds "now"; steps before it are "expected, not yet
            reported".
        late: how late reports were dealt with, in a few words; "" where that does not arise.
        counted: names what was counted, so that only counts of the same kind score the forecasts.
        benchmarks: naive model → (series, grid) cdf on the predictive's support, for all horizons.
        changes: per series the change since the run before, or None; empty where it is not asked.
        total: whether its series are sums of regions, which other blocks hold.
    """

    watch: str
    unit: str
    outlook: Outlook
    standings: tuple[Standing, ...]
    running: int
    late: str = ""
    counted: str = ""
    benchmarks: Mapping[str, FloatArray] = field(default_factory=dict)
    changes: tuple[Change | None, ...] = ()
    total: bool = False
