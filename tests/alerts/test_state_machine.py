"""What holds of alerts whatever happens: runs, silences, people and revisions in any order."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.by_hand import end_alert
from alerts.changes import Decision, Known, Plan, changes
from alerts.lifecycle import Moment
from alerts.past import Past
from core.alerts import Alert, AlertEvent, AlertState, RemarkKind
from core.people import Action, ActionKind, Silence
from core.settings import SEVERITIES, RouteSettings, Severity
from tests.alerts import samples

PLAN = Plan(
    [samples.watch()],
    [samples.rule()],
    [RouteSettings.model_validate({"channels": ["duty"]})],
    samples.CHANNELS,
)
REGIONS = (samples.KABUL, ("Afghanistan", "Nangarhar"))
CHANCES = st.sampled_from([0.1, 0.3, 0.4, 0.55, 0.7, 0.95])


class Service(RuleBasedStateMachine):
    """A service with one rule over two regions, its store a few dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.day = 0, date(2022, 9, 30)
        self.alerts: dict[str, Alert] = {}
        self.stories: dict[str, list[AlertEvent]] = {}
        self.told: dict[str, dict[str, str]] = {}
        self.silences: list[Silence] = []
        self.acknowledged: dict[str, Action] = {}

    def _open(self) -> list[Alert]:
        return [alert for alert in self.alerts.values() if alert.state.is_open]

    def _stamp(self, later: int = 0) -> str:
        return f"{self.now + later:06}"

    def _known(self) -> Known:
        return Known(
            alerts=self._open(),
            sequences={name: len(story) for name, story in self.stories.items()},
            told=self.told,
            past={n: Past(s[0].facts, s[-1].facts) for n, s in self.stories.items()},
            silences=self.silences,
            acknowledged=self.acknowledged,
        )

    def _keep(self, decided: Decision) -> None:
        made = decided.changes
        self.alerts |= {alert.alert_id: alert for alert in made.alerts}
        for event in made.events:
            story = self.stories.setdefault(event.alert_id, [])
            assert event.sequence == len(story) + 1, "a story has no gaps"
            story.append(event)
            if event.reason == "escalated":
                self.acknowledged.pop(event.alert_id, None)
        for new in made.deliveries:
            for name in [step[0] for step in new.steps] or [new.alert_id]:
                self.told.setdefault(name, {})[new.channel] = self._stamp()

    @rule(
        chances=st.tuples(CHANCES, CHANCES, CHANCES, CHANCES),
        fresh=st.booleans(),
        overdue=st.booleans(),
        read=st.sets(st.sampled_from(REGIONS)),
        count=st.integers(0, 9),
    )
    def run_a_cycle(
        self,
        chances: tuple[float, ...],
        fresh: bool,
        overdue: bool,
        read: set[tuple[str, ...]],
        count: int,
    ) -> None:
        self.now += 1
        before = {alert.alert_id: alert for alert in self._open()}
        silences, acknowledged = list(self.silences), dict(self.acknowledged)
        self.day += timedelta(days=31 * fresh)
        facts = samples.facts(recent=[{"period": "2022-09", "count": count}])
        evaluations = [
            replace(
                samples.evaluation(chances[2 * n], chances[2 * n + 1], self.day, region),
                facts=facts,
                overdue=("tracker",) if overdue else (),
            )
            for n, region in enumerate(REGIONS)
            if region in read
        ]
        moment = Moment(self._stamp(), f"run-{self.now}", today=self.day)
        decided = changes(evaluations, self._known(), PLAN, moment)
        self._check(decided, before, silences, fresh=fresh, overdue=overdue)
        for alert_id in acknowledged:
            assert not [
                new
                for new in decided.changes.deliveries
                if new.alert_id == alert_id and new.body["data"]["reason"] == "silence_ended"
            ], "what is known is not told again"
        self._keep(decided)

    def _check(
        self,
        decided: Decision,
        before: dict[str, Alert],
        silences: list[Silence],
        *,
        fresh: bool,
        overdue: bool,
    ) -> None:
        told = {(new.alert_id, new.sequence) for new in decided.changes.deliveries}
        for event in decided.changes.events:
            if event.reason == "escalated":
                named = [s for s in silences if s.in_force(event.at)]
                explicit = any(event.severity in s.severities for s in named)
                assert ((event.alert_id, event.sequence) in told) or explicit
            if event.to_state is AlertState.RESOLVED and event.reason == "cleared":
                assert not overdue, "no all-clear while news are due"
                assert self.day > before[event.alert_id].data_through, "none on old data"
            muted = any(remark.kind is RemarkKind.MUTED for remark in event.remarks)
            assert not (muted and (event.alert_id, event.sequence) in told)

    @rule(
        severities=st.sets(st.sampled_from(SEVERITIES), max_size=2),
        region=st.sampled_from(["*", "*/Kabul"]),
        lasts=st.integers(1, 4),
    )
    def somebody_silences(self, severities: set[Severity], region: str, lasts: int) -> None:
        made = (tuple(severities), "why", "Bo", self._stamp(), self._stamp(lasts))
        self.silences.append(Silence(len(self.silences) + 1, {"region": region}, *made))

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def somebody_acknowledges(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(a.alert_id for a in self._open())))
        self.acknowledged[name] = Action(name, self._stamp(), "Amina", ActionKind.ACKNOWLEDGED)

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def somebody_ends_one(self, data: st.DataObject) -> None:
        self.now += 1
        name = data.draw(st.sampled_from(sorted(a.alert_id for a in self._open())))
        moment = Moment(self._stamp(), "by hand")
        self._keep(end_alert(self.alerts[name], "Bo", "over", self._known(), PLAN, moment))

    @invariant()
    def one_open_alert_per_rule_and_region(self) -> None:
        places = [(alert.rule, alert.region) for alert in self._open()]
        assert len(places) == len(set(places))

    @invariant()
    def an_ended_alert_never_moves_again(self) -> None:
        for name, story in self.stories.items():
            ends = [event for event in story if not event.to_state.is_open]
            assert len(ends) == (not self.alerts[name].state.is_open)

    @invariant()
    def what_an_alert_opened_with_stays(self) -> None:
        for name, alert in self.alerts.items():
            first = self.stories[name][0]
            level = next(x for x in first.facts["levels"] if x["severity"] == first.severity)
            assert alert.threshold == level["threshold"]
            assert alert.opened_at == first.at


TestService = Service.TestCase
TestService.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    stateful_step_count=40,
    phases=[Phase.generate],  # shrinking a failing walk takes minutes; the walk says enough
)
