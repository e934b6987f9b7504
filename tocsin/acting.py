"""What people do to alerts, checked and kept: the same from the command line, the API and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import muting
from alerts.routing import country_of
from core.alerts import Alert
from core.clock import stamp
from core.errors import InputError
from core.people import MATCHED, Action, ActionKind, Silence
from core.settings import SEVERITIES, Severity
from storage.stories import Stories
from tocsin import by_people
from tocsin.complaints import nearest
from tocsin.config import Config
from tocsin.plan import plan_of
from tocsin.stores import Stores

_GLOB = 200


@dataclass(frozen=True)
class Acting:
    """One person at one instant, over a store that can be written.

    Raises InputError, from every method, for what cannot be meant; nothing is kept then.
    """

    stores: Stores
    by: str
    now: datetime

    def acknowledge(self, alert: Alert, until: str | None, note: str) -> Action:
        """Keep that they know of an open alert: no reminders, until it escalates or time ends."""
        if not alert.state.is_open:
            problem = f"{alert.alert_id} is {alert.state.value}"
            raise InputError("alert", problem, "only an open alert can be acknowledged")
        end = by_people.until(until, self.now) if until else None
        text = by_people.text("--note", note, required=False)
        return self._act(alert, ActionKind.ACKNOWLEDGED, text, end)

    def note(self, alert: Alert, text: str) -> Action:
        """Add a note to the story of an alert, open or not."""
        return self._act(alert, ActionKind.NOTED, by_people.text("--text", text))

    def silence(
        self, match: Mapping[str, str], severities: Sequence[str], until: str, reason: str
    ) -> Silence:
        """Send no messages of some alerts for a while."""
        wanted = Silence(
            number=0,
            match={_column(key): _glob(glob) for key, glob in match.items()},
            severities=tuple(_severity(name) for name in dict.fromkeys(severities)),
            reason=by_people.text("--reason", reason),
            by=by_people.author(self.by),
            made_at=stamp(self.now),
            until=by_people.until(until, self.now),
        )
        if not wanted.match:
            raise InputError("--match", "matches nothing", 'write region="Nigeria/*"')
        return Silence(**{**vars(wanted), "number": self.stores.people.silence(wanted)})

    def unsilence(self, number: int) -> Silence:
        """Lift a silence: the next run tells what still fires."""
        return self.stores.people.unsilence(number, stamp(self.now), by_people.author(self.by))

    def _act(self, alert: Alert, kind: ActionKind, text: str, until: str | None = None) -> Action:
        author = by_people.author(self.by)
        action = Action(alert.alert_id, stamp(self.now), author, kind, text, until)
        self.stores.people.act(action)
        return action


def muted_by(config: Config, stores: Stores, silence: Silence) -> int:
    """Return how many open alerts a silence mutes at its beginning."""
    plan = plan_of(config)
    found = (
        muting.silenced_by(
            [silence], alert, country_of(alert, plan.watch_of(alert)), silence.made_at
        )
        for alert in Stories(stores.database).listed("live", everything=False)
    )
    return sum(one is not None for one in found)


def _column(key: str) -> str:
    if key not in MATCHED:
        raise InputError("--match", f"unknown key {key!r}", nearest(key, MATCHED, "keys"))
    return key


def _glob(written: str) -> str:
    glob = by_people.text("--match", written, _GLOB, required=False)
    if not glob:
        raise InputError("--match", "an empty glob matches nothing", 'write region="Nigeria/*"')
    return glob


def _severity(name: str) -> Severity:
    if name not in SEVERITIES:
        raise InputError("--severity", f"{name!r} is none", nearest(name, SEVERITIES, "they"))
    return name
