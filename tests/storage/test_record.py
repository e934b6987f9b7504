"""The track record as it is stored: what counts, and what does not."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.alerts import AlertChanges
from storage.database import Database
from storage.record import Asked, Record
from storage.runs import Runs
from storage.scores import POOL, Due, Outcomes, Scores
from tests.storage.samples import NOW, key, result

TARGET = 24_274
"""The running period of the sample's forecasts: their second step."""
ASKED = Asked("provinces", "these", 99)


def publish(runs: Runs, run: int) -> None:
    runs.publish(run, AlertChanges(), (), NOW)


@pytest.fixture
def issued(runs: Runs) -> int:
    """A published run with forecasts and one benchmark."""
    run = runs.begin(key(cutoff=date(2022, 10, 1)), NOW, "1", "")
    made = result()
    naive = {"zero": np.ones((2, len(made.outlook.predictive.support)))}
    runs.stage(run, replace(made, counted="these", benchmarks=naive))
    publish(runs, run)
    return run


def score(database: Database, runs: Runs, day: date, count: int, crps: float) -> int:
    """Stage a run that sees `count` in both regions and scores its forecasts with `crps`."""
    store = Scores(database)
    run = runs.begin(key(cutoff=day), NOW, "1", "")
    numbers = np.array(sorted(store.series("provinces").values()))
    both = (numbers, np.full(2, TARGET), np.full(2, count), [day.isoformat()] * 2)
    store.enter_outcomes(run, "these", Outcomes(*both))
    for due in store.due("provinces", "these", TARGET, numbers.tolist()):
        marks = np.full(2, crps), np.full(2, -1.0), np.array([80, 0])
        store.enter_scores(run, TARGET, [(due, marks)])
    return run


def test_due_gives_the_pool_and_the_benchmarks_as_they_were_stored(
    database: Database, issued: int
) -> None:
    store = Scores(database)
    found = list(store.due("provinces", "these", TARGET, [1, 2, 77]))
    assert [one.model for one in found] == [POOL, "zero"]
    pool, zero = found
    assert pool.series.tolist() == zero.series.tolist() == [1, 2]
    assert pool.horizon.tolist() == zero.horizon.tolist() == [2, 2]
    stored = result().outlook.predictive
    assert np.allclose(pool.cdf, stored.cdf[:, 1, : pool.cdf.shape[1]], atol=1e-5)
    assert np.all(zero.cdf == 1)
    (second,) = {one.series.tolist()[0] for one in store.due("provinces", "these", TARGET, [2])}
    assert second == 2


def test_nothing_is_due_that_was_over_or_counted_otherwise(database: Database, issued: int) -> None:
    store = Scores(database)
    assert list(store.due("provinces", "these", TARGET - 1, [1, 2])) == []
    assert list(store.due("provinces", "those", TARGET, [1, 2])) == []
    assert list(store.due("others", "these", TARGET, [1, 2])) == []
    assert store.first_issue("provinces", "these") == TARGET
    assert store.first_issue("provinces", "those") is None


def test_scores_count_once_their_run_is_published(
    database: Database, runs: Runs, issued: int
) -> None:
    run = score(database, runs, date(2022, 11, 1), 4, crps=1.5)
    record = Record(database)
    seen = ASKED._replace(run=record.newest_run())
    assert record.newest_run() == issued
    assert record.tallies(seen) == []
    publish(runs, run)
    pool, zero = record.tallies(ASKED)
    assert (pool.model, pool.forecasts, pool.crps, pool.log_score) == (POOL, 2, 3.0, -2.0)
    assert list(pool.held) == [0, 1, 1, 1]
    assert (zero.model, zero.horizon, zero.period) == ("zero", 2, TARGET)


def test_a_run_that_was_interrupted_leaves_no_score(
    database: Database, runs: Runs, issued: int
) -> None:
    score(database, runs, date(2022, 11, 1), 4, crps=1.5)
    publish(runs, runs.begin(key(cutoff=date(2022, 11, 2)), NOW, "1", ""))
    assert Record(database).tallies(ASKED) == []
    assert database.value("SELECT count(*) FROM scores") == 0
    assert database.value("SELECT count(*) FROM outcomes") == 0


def test_a_revised_outcome_counts_instead_of_the_first_which_stays(
    database: Database, runs: Runs, issued: int
) -> None:
    for day, count, crps in ((1, 4, 1.5), (8, 9, 2.5)):
        publish(runs, score(database, runs, date(2022, 11, day), count, crps))
    record = Record(database)
    assert [one.crps for one in record.tallies(ASKED)] == [5.0, 5.0]
    assert [one.crps for one in record.tallies(ASKED._replace(first=True))] == [3.0, 3.0]
    assert [one.crps for one in record.tallies(ASKED._replace(run=issued + 1))] == [3.0, 3.0]
    assert record.revised(ASKED) == 2
    assert Scores(database).outcomes("provinces", "these", 0).observed.tolist() == [9, 9]


def test_a_question_may_name_series_a_horizon_and_a_stretch(
    database: Database, runs: Runs, issued: int
) -> None:
    publish(runs, score(database, runs, date(2022, 11, 1), 4, crps=1.5))
    record = Record(database)
    assert [one.forecasts for one in record.tallies(ASKED._replace(series=[2]))] == [1, 1]
    for nothing in ({"series": []}, {"horizon": 1}, {"since": TARGET + 1}, {"until": TARGET}):
        assert record.tallies(ASKED._replace(**nothing)) == []
    regions = record.regions(ASKED, (POOL,))
    assert [(one.series, one.forecasts, one.crps) for one in regions] == [(1, 1, 1.5), (2, 1, 1.5)]
    assert record.names("provinces")[1] == ("Nigeria", "Borno")
    assert record.issues("provinces", "these", 0) == [issued]
    assert record.cutoff(issued) == date(2022, 10, 1)
    assert record.cutoff(99) is None


def test_a_score_that_cannot_be_is_refused(database: Database, runs: Runs, issued: int) -> None:
    due = next(iter(Scores(database).due("provinces", "these", TARGET, [1])))
    run = runs.begin(key(cutoff=date(2022, 11, 1)), NOW, "1", "")
    for wrong in ((-1.0, -1.0, 50), (1.0, 0.5, 50), (1.0, -1.0, 42), (float("nan"), -1.0, 50)):
        marks = [np.array([value]) for value in wrong]
        with pytest.raises(Exception, match=r"constraint failed"):
            Scores(database).enter_scores(run, TARGET, [(one(due), marks)])


def one(due: Due) -> Due:
    return due._replace(series=due.series[:1], horizon=due.horizon[:1])
