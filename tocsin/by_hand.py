"""Alerts that people start and end: the same from the command line and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts import by_hand
from alerts.ledger import Decision
from alerts.lifecycle import Moment
from core.alerts import BY_HAND, Alert
from core.clock import stamp
from core.errors import InputError
from core.people import Action, ActionKind
from core.regions import RegionKey, label
from core.settings import Severity
from storage.stories import Stories
from tocsin import by_people
from tocsin.complaints import nearest
from tocsin.config import Config
from tocsin.known import known
from tocsin.plan import plan_of
from tocsin.stores import Stores


@dataclass(frozen=True)
class ByHand:
    """One person at one instant, over a store that can be written.

    Raises InputError, from every method, for what cannot be meant; nothing is kept then.
    """

    config: Config
    stores: Stores
    by: str
    now: datetime

    def raise_alert(
        self, watch: str, region: str, severity: Severity, note: str
    ) -> tuple[Alert, Decision]:
        """Open an alert in a region of a watch because a person says so; only a person ends it."""
        text, author = by_people.text("--note", note), by_people.author(self.by)
        key = self._region(watch, region)
        self._require_none_open(watch, key)
        moment = Moment(stamp(self.now), "by hand")
        today = self.config.service.as_of or self.now.date()
        raised = by_hand.Raised(watch, key, severity, author, text, today)
        found = known(self.config, self.stores, [], moment.at)
        alert, decision = by_hand.raise_alert(raised, found, plan_of(self.config), moment)
        action = Action(alert.alert_id, moment.at, author, ActionKind.RAISED, text)
        self.stores.people.act(action, decision.changes)
        return alert, decision

    def resolve(self, alert: Alert, note: str) -> Decision:
        """End an open alert because a person says so."""
        text, author = by_people.text("--note", note), by_people.author(self.by)
        if not alert.state.is_open:
            raise InputError("alert", f"{alert.alert_id} is {alert.state.value} already")
        moment = Moment(stamp(self.now), "by hand", alert.scope)
        found = known(self.config, self.stores, [alert], moment.at)
        decision = by_hand.end_alert(alert, author, text, found, plan_of(self.config), moment)
        action = Action(alert.alert_id, moment.at, author, ActionKind.RESOLVED, text)
        self.stores.people.act(action, decision.changes)
        return decision

    def _region(self, watch: str, written: str) -> RegionKey:
        """Return the region that a watch has forecast under a name."""
        regions = Stories(self.stores.database).regions(watch)
        forecast = {label(region): region for region in regions}
        if written not in forecast:
            mend = nearest(written, forecast, "regions")
            raise InputError("--region", f"watch {watch} has no region {written!r}", mend)
        return forecast[written]

    def _require_none_open(self, watch: str, region: RegionKey) -> None:
        for alert in Stories(self.stores.database).listed("live", everything=False):
            if (alert.watch, alert.rule, alert.region) == (watch, BY_HAND, region):
                problem = f"{alert.alert_id} was raised there by hand and is open"
                raise InputError("--region", problem, "add a note to it, or end it first")


def channels_told(decision: Decision) -> list[str]:
    """Return the channels over which a person's word goes out."""
    return [new.channel for new in decision.changes.deliveries]
