"""The lines of rules as they were: of the rule as it stood, on the forecasts of that run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from alerts import rules
from alerts.missed import Line
from alerts.rules.reading import by_severity
from core.regions import RegionKey
from core.rule_settings import RuleSettings
from storage.came import Came
from tocsin.record.crossings import reaches
from tocsin.stored import blocks_of
from tocsin.stores import Stores


class Shape(NamedTuple):
    """What a rule compares with its lines: a period's count, or the total of so many periods."""

    aggregate: Literal["any", "total"]
    within: int

    @property
    def reach(self) -> int:
        """Return how many periods after a period belong to what is compared there."""
        return self.within - 1 if self.aggregate == "total" else 0


class _Then(NamedTuple):
    """A rule as it stood in the first run of a running period."""

    run: int
    rule: RuleSettings


class RulesThen:
    """The rules on forecasts of one watch, by name, as its runs read them."""

    def __init__(self, stores: Stores, watch: str, counted: str) -> None:
        """Read them: of the runs that counted the same."""
        self._stores, self._watch = stores, watch
        self._totals = Came(stores.database).totals(watch, counted)
        self._first = stores.rules_read.first_read(watch, counted)
        self._then: dict[str, dict[int, _Then]] = {name: {} for name in self._first}
        read = stores.rules_read.at_issues(watch, counted)
        self._starts = sorted({one.running for one in read})
        for one in read:
            if one.settings is not None:
                rule = RuleSettings.model_validate(one.settings)
                self._then[rule.name][one.running] = _Then(one.run, rule)

    @property
    def names(self) -> Sequence[str]:
        """Return their names."""
        return sorted(self._then)

    def lines(self, name: str) -> Iterator[LinesThen]:
        """Yield the lines of a rule, for each thing that it has compared with them."""
        then = self._then[name]
        for shape in sorted({_shape(one.rule) for one in then.values()}):
            of = {running: one for running, one in then.items() if _shape(one.rule) == shape}
            asked = (self._starts, of, self._stores, self._watch, self._totals)
            yield LinesThen(name, shape, self._first[name], *asked)


@dataclass
class LinesThen:
    """The lines of one rule over time, per period and region; forecasts are read when asked for.

    Attributes:
        rule: its name.
        shape: what it compared with its lines.
        first: the running period of the first run that read it: it could warn of the next.
    """

    rule: str
    shape: Shape
    first: int
    _starts: Sequence[int]
    _then: Mapping[int, _Then]
    _stores: Stores
    _watch: str
    _totals: Set[RegionKey]
    _read: dict[int, Mapping[RegionKey, list[Line]]] = field(default_factory=dict)

    def least(self, period: int, region: RegionKey) -> Sequence[Line]:
        """Return the lowest lines that a rule can have had; none where it did not ask."""
        then = self._at(period)
        if then is None or not rules.takes(then.rule, region, total=region in self._totals):
            return ()
        return [Line(one.severity, one.least) for one in by_severity(then.rule.levels)]

    def of(self, period: int, region: RegionKey) -> Sequence[Line]:
        """Return the lines of a period, the lowest ones where the run had no forecast."""
        then = self._at(period)
        if then is None:
            return ()
        if then.run not in self._read:
            self._read[then.run] = self._forecast_lines(then)
        return self._read[then.run].get(region) or self.least(period, region)

    def _at(self, period: int) -> _Then | None:
        """Return the rule as it stood in a period; None where it did not stand, or otherwise."""
        place = bisect_right(self._starts, period) - 1
        return self._then.get(self._starts[place]) if place >= 0 else None

    def _forecast_lines(self, then: _Then) -> Mapping[RegionKey, list[Line]]:
        return {
            one.region: [Line(r.severity, r.threshold) for r in one.readings]
            for block in blocks_of(self._stores.reader, then.run, self._watch)
            if reaches(then.rule, block)
            for one in rules.read(then.rule, block)
        }


def _shape(rule: RuleSettings) -> Shape:
    return Shape(rule.aggregate, rule.within)
