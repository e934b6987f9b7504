"""What a brief asks of the store: each number with the query that gives it."""

# ruff: noqa: S608 - texts of this package; every value goes through `quoted`.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.incidents import Coverage
from core.settings import WatchSettings
from storage.counting import selection
from storage.database import Database
from storage.selection import Span, quoted

INCIDENT_COLUMNS = (
    *("feed", "source_id", "date", "date_end", "date_precision", "country", "admin1", "admin2"),
    *("actor", "target", "kind", "fatalities", "low", "high", "latitude", "longitude", "source"),
    *("flags", "seen_at"),
)
"""Of an incident as it is exported; names as the source spells them."""


class Number(NamedTuple):
    """A number, and the query whose one answer it is."""

    value: Any
    sql: str


class Answer(NamedTuple):
    """The rows of a query, and the query."""

    rows: list[Any]
    sql: str

    def number(self, column: str, value: Any, **row: str) -> Number:
        """Return one cell as a number of its own: `column` of the row with these other cells."""
        where = " AND ".join(f"{name} = {quoted(cell)}" for name, cell in row.items())
        return Number(value, f"SELECT {column} FROM ({self.sql}) WHERE {where}")


class Inquiry:
    """Questions about the events that one watch counts, as known at one stamp."""

    def __init__(
        self,
        database: Database,
        watch: WatchSettings,
        cutoff: date,
        as_of: str | None,
        coverage: Mapping[str, Sequence[Coverage]],
    ) -> None:
        """Take what `storage.counting.selection` does."""
        self._database = database
        self._watch = watch
        self._rows = selection(database, watch, cutoff, as_of, coverage)

    @property
    def has_countries(self) -> bool:
        """Return whether events are told apart by country."""
        return self._rows.country is not None

    @property
    def has_deaths(self) -> bool:
        """Return whether events have fatalities."""
        return self._rows.deaths

    def events(self, span: Span, among: Sequence[str] | None = None) -> Number:
        """Return how many events lie in a span, in these countries or in all."""
        return self._number(self._sum(), self._rows.within(span), *self._in(among))

    def vague(self, span: Span) -> Number:
        """Return how many events are dated to a month or worse (UCDP's precision 4 and 5)."""
        vague = "date_precision >= 4"
        return self._number(self._sum(), self._rows.within(span), vague)

    def deaths(self, span: Span) -> tuple[Number, Number, Number]:
        """Return events whose deaths are known, their deaths, and the sum of their squares."""
        columns = ("count(fatalities)", "sum(fatalities)", "sum(fatalities * fatalities)")
        within = self._rows.within(span)
        events, total, squares = (self._number(f"coalesce({c}, 0)", within) for c in columns)
        return events, total, squares

    def months(self, span: Span) -> Answer:
        """Return (month, events, deaths) of every month of a span that has events, in order."""
        deaths = "coalesce(sum(fatalities), 0)" if self._rows.deaths else "NULL"
        columns = (
            f"substr({self._rows.day}, 1, 7) AS month, {self._sum()} AS events, {deaths} AS deaths"
        )
        return self._answer(columns, self._rows.within(span), tail="GROUP BY 1 ORDER BY 1")

    def countries(self, before: Span, since: Span) -> Answer:
        """Return (country, before, since): events in two spans, by country."""
        return self._compared([f"{self._rows.country} AS country"], before, since)

    def regions(self, before: Span, since: Span) -> Answer:
        """Return (*key, before, since): events in two spans, by region of the watch.

        The columns of the key are called part1, part2 and so on.
        """
        keys = [f"{key} AS part{n}" for n, key in enumerate(self._rows.keys, 1)]
        return self._compared(keys, before, since)

    def incidents(self) -> Answer:
        """Return the columns of `INCIDENT_COLUMNS` of every event, by date."""
        feed = "(SELECT name FROM feeds AS f WHERE f.feed_id = incidents.feed_id) AS feed"
        columns = ", ".join((feed, *INCIDENT_COLUMNS[1:]))
        return self._answer(f"DISTINCT {columns}", tail="ORDER BY date, feed, source_id")

    def open_alerts(self, opened_by: str | None) -> Answer:
        """Return the watch's open live alerts: region, rule, severity, state, threshold, unit,
        probability, opened_at, alert.

        With a stamp, those that had been opened and had not ended by then.
        """  # noqa: D205 - the columns are the first sentence
        until = (
            "resolved_at IS NULL"
            if opened_by is None
            else f"opened_at <= {quoted(opened_by)} "
            f"AND (resolved_at IS NULL OR resolved_at > {quoted(opened_by)})"
        )
        sql = (
            "SELECT region, rule, severity, state, threshold, unit, probability, opened_at, alert "
            f"FROM alert_table WHERE watch = {quoted(self._watch.name)} AND scope = 'live' "
            f"AND {until} ORDER BY opened_at, alert"
        )
        return Answer(self._database.rows(sql), sql)

    def forecast(self, run: int, region: str, horizon: int, column: str, value: Any) -> Number:
        """Return a stored quantile of a run's forecast with the query that finds it."""
        return Number(
            value,
            f"SELECT {column} FROM forecasts JOIN blocks USING (block_id) "
            f"JOIN series USING (series_id) WHERE run_id = {quoted(run)} "
            f"AND blocks.watch = {quoted(self._watch.name)} AND region = {quoted(region)} "
            f"AND horizon = {quoted(horizon)}",
        )

    def _compared(self, keys: Sequence[str], before: Span, since: Span) -> Answer:
        columns = [
            *keys,
            f"{self._sum(self._rows.within(before))} AS before",
            f"{self._sum(self._rows.within(since))} AS since",
        ]
        groups = ", ".join(str(n + 1) for n in range(len(keys)))
        order = f"GROUP BY {groups} ORDER BY {groups}"
        return self._answer(
            ", ".join(columns), self._rows.within([*before, *since]), tail=f"{order}"
        )

    def _sum(self, condition: str = "") -> str:
        counted = f"iif({condition}, {self._rows.events}, 0)" if condition else self._rows.events
        return f"coalesce(sum({counted}), 0)"

    def _in(self, among: Sequence[str] | None) -> list[str]:
        if among is None:
            return []
        return [f"{self._rows.country} IN ({', '.join(map(quoted, among)) or 'NULL'})"]

    def _number(self, column: str, *conditions: str) -> Number:
        sql = self._rows.select(column, *conditions)
        return Number(self._database.value(sql), sql)

    def _answer(self, columns: str, *conditions: str, tail: str) -> Answer:
        sql = self._rows.select(columns, *conditions, tail=tail)
        return Answer(self._database.rows(sql), sql)
