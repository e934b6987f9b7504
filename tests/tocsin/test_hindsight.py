"""What would have been forecast then: the same bytes as a run of that day, by either clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.clock import FixedClock
from core.errors import ConfigError, InputError
from core.forecasts import WatchResult
from core.periods import Period
from core.series import Cells
from core.settings import Level, RuleSettings
from tests.tocsin.town_by_day import TownByDay, of_two
from tocsin.asof import Replay, end_of
from tocsin.config import Config, load
from tocsin.cycle import Cycle
from tocsin.hindsight import ByEventDate
from tocsin.rule_history import origins_between, track
from tocsin.rule_inputs import count
from tocsin.rule_past import History, Question, history
from tocsin.stores import Stores, opened

LADDER = [Level(severity="severe", at_least=n, probability=0.5) for n in (2, 4, 6)]


@pytest.fixture
def town(tmp_path: Path) -> TownByDay:
    return of_two(tmp_path)


@contextmanager
def stores(town: TownByDay, today: str) -> Iterator[tuple[Config, Stores, FixedClock]]:
    config, clock = load(town.config), town.clock(today)
    with opened(config, None, "own", clock) as found:
        yield config, found, clock


def asked(town: TownByDay, today: str, **question: object) -> History:
    with stores(town, today) as (config, found, clock):
        return history(config, found, clock, Question("provinces", **question))  # type: ignore[arg-type]


def same(ours: list[WatchResult], theirs: list[WatchResult]) -> bool:
    """Whether two runs would say the same, to the last bit."""
    assert ours
    assert theirs
    return all(
        one.outlook.panel.keys == two.outlook.panel.keys
        and one.standings == two.standings
        and one.running == two.running
        and np.array_equal(one.outlook.predictive.cdf, two.outlook.predictive.cdf)
        and np.array_equal(one.outlook.predictive.support, two.outlook.predictive.support)
        and np.array_equal(one.outlook.predictive.dependence, two.outlook.predictive.dependence)
        for one, two in zip(ours, theirs, strict=True)
    )


def of_a_run(cycle: Cycle, as_of: str | None) -> list[WatchResult]:
    """Return what a run forecasts of its first watch, as known at `as_of`."""
    watch = cycle.config.watches[0]
    built = count(cycle.storage.incidents, watch, cycle.today, as_of).built
    return list(cycle._outlooks(watch, built, cycle._delay(watch, as_of)))


@pytest.mark.parametrize("day", [date(2023, 9, 30), date(2024, 2, 29)])
def test_by_event_date_a_past_origin_forecasts_what_a_run_of_that_day_does(
    town: TownByDay, day: date
) -> None:
    town.run("2024-07-02")
    with stores(town, "2024-07-02") as (config, found, clock):
        past = history(config, found, clock, Question("provinces")).past
        cycle = Cycle(config, found, clock, replay=Replay(day), deliver=False)
        assert same(list(past.results(day)), of_a_run(cycle, None))


def test_as_known_then_a_past_origin_forecasts_what_a_run_of_that_day_does(
    town: TownByDay,
) -> None:
    day = date(2024, 5, 31)
    for at in ("2024-04-30", "2024-05-31"):
        town.run(at)
    town.events |= {f"late-{n}": ("2024-05-20", "Storm") for n in range(6)}
    town.run("2024-07-02")
    question = Question("provinces", day, day, known_then=True)
    with stores(town, "2024-07-02") as (config, found, clock):
        past = history(config, found, clock, question).past
        cycle = Cycle(config, found, clock, replay=Replay(day), deliver=False)
        theirs = of_a_run(cycle, end_of(day))
        ours = list(past.results(day))
        by_event_date = history(config, found, clock, Question("provinces")).past
        assert same(ours, theirs)
        assert not same(ours, list(by_event_date.results(day)))


def test_no_origin_sees_what_came_after_it(town: TownByDay) -> None:
    town.run("2024-07-02")
    asked_for = asked(town, "2024-07-02", since=date(2023, 6, 1), until=date(2023, 12, 31))
    assert isinstance(asked_for.past, ByEventDate)
    later = asked_for.past.cells.period > asked_for.watch.period.of(date(2023, 12, 31))
    cells = asked_for.past.cells
    other = Cells(cells.keys, cells.region, cells.period, np.where(later, 99, cells.count))
    rule = RuleSettings(name="r", watch="provinces", levels=tuple(LADDER), clear_probability=0.3)
    tracks = [
        track(past, rule, LADDER, asked_for.origins, asked_for.truth, 1)
        for past in (asked_for.past, replace(asked_for.past, cells=other))
    ]
    assert later.any()
    assert tracks[0].origins == 7
    assert np.array_equal(tracks[0].chances, tracks[1].chances)
    assert np.array_equal(tracks[0].lines, tracks[1].lines)


def test_a_track_holds_what_came_in_the_columns_of_its_origins(town: TownByDay) -> None:
    town.run("2024-07-02")
    found = asked(town, "2024-07-02", since=date(2024, 3, 1), until=date(2024, 6, 30))
    rule = RuleSettings(
        name="r", watch="provinces", within=2, levels=tuple(LADDER), clear_probability=0.3
    )
    made = track(found.past, rule, LADDER, found.origins, found.truth, 1)
    storm = made.keys.index(("Freedonia", "Storm"))
    # March to June 2024 are months 26 to 29 of the story: (3 + month % 4 + 1) // 2 in Storm.
    assert made.came[storm].tolist()[:4] == [3.0, 3.0, 2.0, 2.0]
    assert np.isnan(made.came[storm, 4:]).all()
    assert made.tempo[storm].tolist() == [3.0, 3.0, 2.0, 2.0]
    total = rule.model_copy(update={"aggregate": "total"})
    sums = track(found.past, total, LADDER, found.origins, found.truth, 1)
    assert sums.came[storm].tolist()[:3] == [6.0, 5.0, 4.0]
    assert sums.tempo[storm].tolist() == [6.0, 6.0, 4.0, 4.0]
    assert sums.span == 1


def test_evaluations_stand_at_the_ends_of_periods() -> None:
    month = Period.MONTH
    days = [
        month.end(running - 1)
        for running in origins_between(month, date(2024, 1, 1), date(2024, 3, 30))
    ]
    assert days == [date(2024, 1, 31), date(2024, 2, 29)]
    assert not origins_between(month, date(2024, 3, 1), date(2024, 3, 30))


def test_what_was_known_before_the_first_pull_cannot_be_asked(town: TownByDay) -> None:
    town.run("2024-07-02")
    with pytest.raises(InputError, match="--clock known-then: nothing is known of 2023-12-31"):
        asked(
            *(town, "2024-07-02"),
            since=date(2023, 12, 1), until=date(2024, 1, 31), known_then=True,
        )  # fmt: skip


def test_the_label_says_which_clock_and_which_models(town: TownByDay) -> None:
    town.run("2024-05-31")
    town.run("2024-07-02")
    first, last = date(2024, 5, 1), date(2024, 6, 30)
    then = asked(town, "2024-07-02", since=first, until=last, known_then=True)
    now = asked(town, "2024-07-02", since=first, until=last, models=("conflictology",))
    assert then.label == "as known then"
    assert now.label == "by event date, with today's revised data; models conflictology"


@pytest.mark.parametrize(
    ("question", "error", "told"),
    [
        ({"models": ("prophecy",)}, InputError, "--models: no model is called 'prophecy'"),
        ({"until": date(2024, 8, 1)}, InputError, "--to: 2024-08-01 lies ahead"),
        ({"since": date(2024, 6, 10), "until": date(2024, 6, 20)}, InputError, "no month ends"),
        ({"until": date(2019, 1, 31)}, InputError, "begin on 2022-01-01"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(
    town: TownByDay, question: dict[str, object], error: type[Exception], told: str
) -> None:
    town.run("2024-07-02")
    with pytest.raises(error, match=told):
        asked(town, "2024-07-02", **question)
    with (
        stores(town, "2024-07-02") as (config, found, clock),
        pytest.raises(ConfigError, match="no watch is called 'province'"),
    ):
        history(config, found, clock, Question("province"))
