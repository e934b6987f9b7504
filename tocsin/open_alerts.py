"""What the store knows of the alerts that are open, as a run needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alerts.kept import RuleIn, Terms, terms_of, with_kept
from alerts.past import Past
from alerts.verdicts import Judged, Warned, judged
from core.alerts import Alert, Evaluation
from core.forecasts import WatchResult
from core.regions import RegionKey
from tocsin.config import Config
from tocsin.known import known
from tocsin.stores import Stores


class OpenAlerts:
    """The open alerts of a scope at one stamp."""

    def __init__(self, config: Config, stores: Stores, scope: str, at: str) -> None:
        """Read them; `at` decides which acknowledgements are in force."""
        alerts = stores.alerts.unresolved(scope)
        self._waiting = [Warned(*row) for row in stores.alerts.unjudged(scope)]
        self.judged: list[Judged] = []
        ended = [one.alert for one in self._waiting if not one.alert.state.is_open]
        self.known = known(config, stores, alerts, at, ended)

    def regions(self, watch: str) -> set[RegionKey]:
        """Return the regions of a watch in which an alert is open."""
        return {alert.region for alert in self.known.alerts if alert.watch == watch}

    def with_kept(
        self, evaluations: Iterable[Evaluation], result: WatchResult
    ) -> Iterator[Evaluation]:
        """Yield evaluations of a block, those of open alerts read by their own terms too."""
        return with_kept(evaluations, result, self._terms(result.watch))

    def judge(self, result: WatchResult) -> None:
        """Keep the verdicts that a block's counts allow, in `judged`."""
        self.judged += judged(result, self._waiting)

    def _terms(self, watch: str) -> dict[RuleIn, Terms]:
        found = {
            (alert.rule, alert.region): terms_of(alert, self._past(alert))
            for alert in self.known.alerts
            if alert.watch == watch
        }
        return {key: terms for key, terms in found.items() if terms}

    def _past(self, alert: Alert) -> Past:
        return self.known.past.get(alert.alert_id, Past())
