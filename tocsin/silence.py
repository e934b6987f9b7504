"""Which feeds are silent for too long, as each watch sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.evidence import RunNote
from alerts.rules import stale
from core.alerts import Evaluation
from core.protocols import IncidentStore
from core.rhythm import Pulse, Silence, listen
from core.settings import WatchSettings
from core.sources import Source
from tocsin.config import Config


@dataclass(frozen=True)
class Silences:
    """How long every feed has been silent on one day.

    A watch takes the shortest `after` of its rules on silent feeds; without one, what
    `core.rhythm.listen` takes.
    """

    config: Config
    today: date
    pulses: dict[str, Pulse]

    @classmethod
    def heard(
        cls, config: Config, store: IncidentStore, today: date, as_of: str | None
    ) -> Silences:
        """Return them as known at stamp `as_of`; a feed that was never pulled is not heard of."""
        found = {feed.name: store.pulse(feed, as_of) for feed in config.feeds}
        return cls(config, today, {name: pulse for name, pulse in found.items() if pulse})

    def overdue(self, watch: WatchSettings) -> tuple[str, ...]:
        """Return the feeds of a watch whose news are due, so that calm proves nothing."""
        return tuple(found.feed for found in self._of(watch, self._after(watch)) if found.overdue)

    def reasons(self, watches: Sequence[WatchSettings] | None = None) -> list[str]:
        """Return why a run is degraded: one line per feed that is stale in any of its watches.

        `watches` None takes all of them.
        """
        lines: dict[str, str] = {}
        for watch in self.config.watches if watches is None else watches:
            for found in self._of(watch, self._after(watch)):
                if found.stale:
                    lines.setdefault(found.feed, f"feed {found.feed}: {found.in_words}")
        return list(lines.values())

    def evaluations(
        self, label: str, sources: Mapping[str, tuple[Source, ...]]
    ) -> Iterable[Evaluation]:
        """Yield the reading of every feed by every rule on silent feeds of these watches."""
        for rule in self.config.stale_rules:
            if rule.watch not in sources:
                continue
            found = self._of(self.config.watch_named(rule.watch), rule.after)
            note = RunNote(self.today, label, sources=sources[rule.watch])
            yield from stale.read(rule, found, note)

    def _of(self, watch: WatchSettings, after: int | None) -> Sequence[Silence]:
        pulses = (self.pulses.get(feed) for feed in watch.feeds)
        return [listen(pulse, self.today, after) for pulse in pulses if pulse]

    def _after(self, watch: WatchSettings) -> int | None:
        rules = self.config.stale_rules
        return min((rule.after for rule in rules if rule.watch == watch.name), default=None)
