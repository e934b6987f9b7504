"""One cycle: pull, count, forecast, store, read the rules, publish.

The cycle knows the order of things and nothing else; each step is a room's. What goes wrong in
one feed or region becomes a reason: the run goes on and says that it is degraded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, replace

from alerts import rules
from alerts.changes import changes
from alerts.lifecycle import Moment
from alerts.rules import RunNote, spread
from core.alerts import AlertChanges, Evaluation
from core.clock import Clock, stamp
from core.errors import InputError
from core.forecasts import Mode, Outlook, RunKey, WatchResult
from core.protocols import PullReport
from core.quantities import quantity
from core.regions import RegionKey
from core.series import FloatArray
from core.settings import SITE, WatchSettings
from core.sources import Source, filters_of
from forecast.delays import Learned
from forecast.series import Built
from forecast.verification import benchmarks
from tocsin import __version__, lost_skill
from tocsin.asof import Replay, read_at
from tocsin.comparison import Today, compared
from tocsin.config import Config
from tocsin.forecasting import learned_delay, outlooks
from tocsin.incidents_behind import with_incidents
from tocsin.labels import label_of, unit_of
from tocsin.open_alerts import OpenAlerts
from tocsin.plan import plan_of
from tocsin.provenance import sources_of
from tocsin.pulling import pull_all
from tocsin.record.counted import counted_of
from tocsin.record.due import score_due
from tocsin.rule_inputs import Counted, count, sightings
from tocsin.silence import Silences
from tocsin.stores import Stores
from tocsin.track_record import track_records

Progress = Callable[[str], None]


@dataclass
class CycleReport:
    """What a cycle did. `reasons` say why it is degraded; none when all is well.

    `remarks` say what it left out as it was told to.
    `repeated` means that nothing new had come in, so that the run of before still stands.
    """

    run: int
    repeated: bool = False
    pulls: list[PullReport] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    changes: AlertChanges = field(default_factory=AlertChanges)


class Cycle:
    """One cycle over one configuration, at one "today"."""

    def __init__(
        self,
        config: Config,
        storage: Stores,
        clock: Clock,
        *,
        replay: Replay | None = None,
        deliver: bool = True,
        progress: Progress = lambda _: None,
    ) -> None:
        """`replay` cuts at a past date and pulls nothing; `deliver` fills the outbox."""
        self.config, self.storage, self.clock = config, storage, clock
        self.replay, self.deliver, self.progress = replay, deliver, progress
        self.known_at = replay.known_at if replay else None
        self.today = (replay and replay.day) or config.service.as_of or clock.now().date()
        self.report = CycleReport(run=0)

    def run(self) -> CycleReport:
        """Do the cycle and return what it did.

        Raises:
            InputError: when there is nothing to forecast from.
            StorageError: when the database cannot be used.
        """
        if self.replay is None:
            self._pull()
        self.storage.incidents.set_aliases(self.config.aliases)
        self.storage.incidents.set_sites(self.config.sites)
        if self.replay is not None and self.known_at is None:
            self.known_at = read_at(self.storage.incidents, self.config, self.today)
        incidents = self.storage.incidents
        silences = Silences.heard(self.config, incidents, self.today, self.known_at)
        self.report.reasons += silences.reasons()
        key = self._key()
        published = self.storage.runs.find(key)
        if published is not None:
            self.report.run, self.report.repeated = published, True
        else:
            self._forecast(key, silences)
        return self.report

    def _pull(self) -> None:
        reports, refusals = pull_all(
            self.config, self.storage.incidents, self.clock, self.today, self.progress
        )
        if refusals and not self.storage.incidents.watermark():
            raise refusals[0]
        self.report.pulls = reports
        self.report.reasons += [refusal.line() for refusal in refusals]

    def _key(self) -> RunKey:
        watermark = self.storage.incidents.watermark(self.known_at)
        if not watermark:
            raise InputError(
                str(self.config.database), "holds no incidents yet", "run once without --as-of"
            )
        mode: Mode = "live" if self.replay is None else "drill" if self.deliver else "replay"
        return RunKey(self.config.digest, self.today, watermark, mode)

    def _forecast(self, key: RunKey, silences: Silences) -> None:
        replay = self.today if self.replay else None
        label = label_of(self.config, replay, as_known_then=self.known_at is not None)
        run = self.storage.runs.begin(key, self.clock.now(), __version__, label)
        read_by_it = (rule.model_dump(mode="json") for rule in self.config.rules)
        self.storage.rules_read.keep(run, read_by_it)
        sources = self._sources(self.known_at)
        evaluations = list(silences.evaluations(label, sources))
        held = OpenAlerts(self.config, self.storage, key.scope, stamp(self.clock.now()))
        records = track_records(self.storage.alerts.judged(key.scope))
        for watch in self.config.watches:
            self.progress(f"forecasting {watch.name}")
            note = RunNote(
                *(self.today, label, silences.overdue(watch)),
                *(sources[watch.name], filters_of(watch), records),
            )
            evaluations += self._read(run, watch, note, held)
        self.report.run = run
        self.report.changes = self._changes(key, evaluations, held)
        self.storage.runs.publish(run, self.report.changes, self.report.reasons, self.clock.now())

    def _read(
        self, run: int, watch: WatchSettings, note: RunNote, held: OpenAlerts
    ) -> list[Evaluation]:
        """Forecast a watch, block by block, and return what its rules say."""
        standing_open, as_of = held.regions(watch.name), self.known_at
        built, spreading = self._counted(watch, note, standing_open)
        read: list[Evaluation] = []
        for result in self._outlooks(watch, built, self._delay(watch, as_of)):
            self.storage.runs.stage(run, result)
            held.judge(result)
            for rule in self.config.block_rules:
                if rule.watch == watch.name:
                    found = rules.read(rule, result, note, standing_open)
                    read += held.with_kept(found, result)
        lost: list[Evaluation] = []
        if self.replay is None:
            score_due(self.storage.scores, run, watch, built, counted_of(self.config, watch))
            record = self.storage.reader.record
            lost += lost_skill.evaluations(self.config, record, watch, run, note)
        known = (self.today, as_of, note.sources)
        return lost + with_incidents([*read, *spreading], self.storage, watch, *known)

    def _sources(self, as_of: str | None) -> dict[str, tuple[Source, ...]]:
        """Return the sources of every watch, by its name."""
        incidents = self.storage.incidents
        return {
            watch.name: sources_of(self.config, incidents, watch, as_of)
            for watch in self.config.watches
        }

    def _spread(
        self, counted: Counted, note: RunNote, standing_open: Set[RegionKey]
    ) -> Iterator[Evaluation]:
        watch = counted.watch
        for rule in self.config.spread_rules:
            if rule.watch == watch.name:
                seen = sightings(counted, unit_of(self.config, watch))
                yield from spread.read(rule, seen, note, standing_open)

    def _counted(
        self, watch: WatchSettings, note: RunNote, standing_open: Set[RegionKey]
    ) -> tuple[Built, list[Evaluation]]:
        """Return a watch's series, and what is read of the cells that they were made of.

        The cells, some hundred for every region, are let go before anything is forecast.
        """
        counted = count(self.storage.incidents, watch, self.today, self.known_at)
        self._note_left_out(watch, counted.built)
        self._note_unplaced(watch, self.known_at)
        if not len(counted.built.panel):
            self.report.reasons.append(f"watch {watch.name}: no region has a complete period")
        return counted.built, list(self._spread(counted, note, standing_open))

    def _delay(self, watch: WatchSettings, as_of: str | None) -> Learned:
        """Return how late the watch's reports come, as it was known at `as_of`."""
        if self.replay and as_of is None:
            return Learned(None, "")  # by event date, with today's data: nothing is late any more
        return learned_delay(self.config, self.storage.incidents, watch, self.today, as_of)

    def _outlooks(
        self, watch: WatchSettings, built: Built, learned: Learned
    ) -> Iterator[WatchResult]:
        """Yield the forecasts with what a run keeps beside them; what failed becomes a reason."""
        today = Today(watch, built, learned, self.today, self.config.calendars)
        comparison = compared(self.config, self.storage, today) if self.replay is None else None
        unit, dates = unit_of(self.config, watch), self.config.calendars
        for result in outlooks(watch, unit, built, learned, dates):
            self.report.reasons += [f"watch {watch.name}: {r}" for r in result.outlook.reasons]
            self.report.remarks += [f"watch {watch.name}: {r}" for r in result.outlook.remarks]
            yield replace(
                result,
                counted=counted_of(self.config, watch),
                benchmarks=self._benchmarks(result.outlook),
                changes=comparison.changes(result) if comparison else (),
            )

    def _benchmarks(self, outlook: Outlook) -> dict[str, FloatArray]:
        """Return what the naive models say, for the scores of a run that will be scored."""
        if self.replay is not None:
            return {}
        return benchmarks(outlook.panel, outlook.predictive.support)

    def _note_left_out(self, watch: WatchSettings, built: Built) -> None:
        """Name each reason once, with how many regions it cost."""
        counted: dict[str, int] = {}
        for reason in built.left_out.values():
            if "minimum_events" not in reason:
                counted[reason] = counted.get(reason, 0) + 1
        self.report.reasons += [
            f"watch {watch.name}: {quantity(count, 'regions')} left out: {reason}"
            for reason, count in sorted(counted.items())
        ]

    def _note_unplaced(self, watch: WatchSettings, as_of: str | None) -> None:
        if SITE not in watch.group_by:
            return
        count = self.storage.incidents.unplaced(watch, self.today, as_of)
        if count:
            what = f"{quantity(count, 'incidents')} without coordinates: counted for no site"
            self.report.remarks.append(f"watch {watch.name}: {what}")

    def _changes(
        self, key: RunKey, evaluations: list[Evaluation], held: OpenAlerts
    ) -> AlertChanges:
        decision = changes(
            evaluations,
            held.known,
            plan_of(self.config),
            Moment(stamp(self.clock.now()), key.digest, key.scope, self.today),
            held.judged,
        )
        self.report.reasons += decision.reasons
        if self.deliver:
            return decision.changes
        return replace(decision.changes, deliveries=())
