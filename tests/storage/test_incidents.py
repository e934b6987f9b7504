"""Pulls: what is new, changed or gone becomes history, whole or not at all."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import stamp
from core.errors import FeedError
from core.incidents import BadRow, Batch, Coverage, Tally
from core.settings import Aliases
from storage.database import Database, open_database
from storage.incidents import Incidents, joined
from tests.storage.samples import APPEND, FEED, NOW, ListPull, incident

TEN = [incident(n) for n in range(10)]


def history(database: Database) -> list[tuple[object, ...]]:
    return database.rows(
        "SELECT source_id, fatalities, seen_at, superseded_at, ended_as FROM incidents "
        "ORDER BY incident_id"
    )


def counts(database: Database, tables: tuple[str, ...]) -> dict[str, int]:
    return {table: database.value(f"SELECT count(*) FROM {table}") for table in tables}


def test_a_first_pull_adds_every_row(store: Incidents, database: Database) -> None:
    report = store.load(FEED, ListPull(TEN, bad=[BadRow(4, "no date", ";;x")]), NOW)
    assert (report.feed, report.status) == ("tracker", "new")
    assert (report.added, report.unchanged, report.quarantined) == (10, 0, 1)
    assert len(history(database)) == 10
    assert database.rows("SELECT line, reason, excerpt FROM quarantine") == [(4, "no date", ";;x")]


def test_every_column_is_stored_as_it_came(store: Incidents, database: Database) -> None:
    odd = incident(
        *("=HYPERLINK('x')", "2021-12-31"),
        date_end="2022-01-03",
        date_precision=2,
        country="Côte d'Ivoire",
        admin1=None,
        admin2="☢",
        kind="",
        fatalities=2**40,
        low=None,
        latitude=-90.0,
        flags="low>best",
        extra='{"weapon": "IED"}',
    )
    store.load(FEED, ListPull([odd]), NOW)
    columns = ", ".join(odd._fields)
    assert database.rows(f"SELECT {columns} FROM incidents") == [tuple(odd)]


def test_the_same_pull_again_is_only_a_line_in_the_log(
    store: Incidents, database: Database
) -> None:
    store.load(FEED, ListPull(TEN), NOW)
    before = history(database)
    again = ListPull(TEN, refusal=AssertionError("it was read again"))
    report = store.load(FEED, again, NOW + timedelta(days=1))
    assert (report.status, report.unchanged, report.added) == ("same", 10, 0)
    assert history(database) == before
    assert store.watermark() == stamp(NOW)
    assert database.rows("SELECT status, unchanged FROM pulls") == [("new", 0), ("same", 10)]


def test_the_bookmark_of_the_last_good_pull_is_kept_for_the_next(store: Incidents) -> None:
    assert store.bookmark("tracker") == ""
    store.load(FEED, ListPull(TEN, bookmark="one"), NOW)
    store.load(FEED, ListPull(TEN, bookmark="unknown before the rows are read"), NOW)
    assert store.bookmark("tracker") == "one"
    store.note_failure(FEED, "the file is HTML", NOW)
    assert store.bookmark("tracker") == "one"
    store.load(FEED, ListPull(TEN[:9], bookmark="two"), NOW)
    assert store.bookmark("tracker") == "two"
    store.load(FEED, ListPull(TEN), NOW)
    assert (store.bookmark("tracker"), store.bookmark("other")) == ("", "")


def test_the_same_rows_in_another_file_change_nothing(store: Incidents, database: Database) -> None:
    store.load(FEED, ListPull(TEN), NOW)
    before = history(database)
    report = store.load(FEED, ListPull(TEN[::-1]), NOW + timedelta(days=1))
    assert (report.status, report.unchanged) == ("new", 10)
    assert (report.added, report.revised, report.deleted) == (0, 0, 0)
    assert history(database) == before
    assert store.watermark() == stamp(NOW)


def test_a_changed_row_becomes_a_revision(store: Incidents, database: Database) -> None:
    later = NOW + timedelta(days=1)
    store.load(FEED, ListPull(TEN), NOW)
    report = store.load(FEED, ListPull([*TEN[:9], incident(9, fatalities=8)]), later)
    assert (report.revised, report.unchanged) == (1, 9)
    assert history(database)[9:] == [
        ("9", 3, stamp(NOW), stamp(later), "revised"),
        ("9", 8, stamp(later), None, None),
    ]


@pytest.mark.parametrize(
    "change",
    [
        *({"date_end": "2022-01-06"}, {"date_precision": 4}, {"country": None}, {"admin1": "Yobe"}),
        *({"admin2": "X"}, {"actor": None}, {"target": "IS"}, {"kind": "k"}, {"fatalities": None}),
        *({"low": 2}, {"high": None}, {"latitude": 11.6}, {"longitude": None}, {"source": ""}),
        *({"flags": "f"}, {"extra": "{}"}, {"date": "2022-01-04"}),
    ],
)
def test_a_change_of_any_column_is_noticed(store: Incidents, change: dict[str, object]) -> None:
    store.load(FEED, ListPull(TEN), NOW)
    changed = ListPull([*TEN[:9], TEN[9]._replace(**change)])
    assert store.load(FEED, changed, NOW).revised == 1


def test_a_row_gone_from_a_snapshot_becomes_a_deletion(
    store: Incidents, database: Database
) -> None:
    later = NOW + timedelta(days=1)
    store.load(FEED, ListPull(TEN), NOW)
    report = store.load(FEED, ListPull(TEN[:8]), later)
    assert (report.deleted, report.unchanged) == (2, 8)
    assert history(database)[8:] == [
        ("8", 3, stamp(NOW), stamp(later), "deleted"),
        ("9", 3, stamp(NOW), stamp(later), "deleted"),
    ]


def test_a_deleted_row_can_come_back(store: Incidents, database: Database) -> None:
    for rows in (TEN, TEN[:9], TEN[::-1]):
        store.load(FEED, ListPull(rows), NOW)
    assert [row[4] for row in history(database) if row[0] == "9"] == ["deleted", None]


def test_a_feed_that_appends_deletes_nothing(store: Incidents) -> None:
    store.load(APPEND, ListPull(TEN[:5]), NOW)
    report = store.load(APPEND, ListPull(TEN[4:]), NOW)
    assert (report.added, report.deleted, report.unchanged) == (5, 0, 1)


def test_a_great_loss_is_refused_with_both_numbers_and_a_way_on(
    store: Incidents, database: Database
) -> None:
    store.load(FEED, ListPull(TEN), NOW)
    before = history(database)
    with pytest.raises(FeedError, match=r"3 of 10 rows .* set max_loss_share = 1") as caught:
        store.load(FEED, ListPull(TEN[:7]), NOW)
    assert caught.value.exit_code == 2
    assert history(database) == before
    meant = FEED.model_copy(update={"max_loss_share": 1.0})
    assert store.load(meant, ListPull(TEN[:7]), NOW).deleted == 3


TABLES = ("incidents", "counts", "quarantine", "coverage", "pulls", "feeds")


def test_a_pull_that_is_refused_at_its_end_leaves_nothing(
    store: Incidents, database: Database
) -> None:
    refused = ListPull(TEN, refusal=FeedError("incidents.csv", "is cut short"))
    with pytest.raises(FeedError, match="cut short"):
        store.load(FEED, refused, NOW)
    assert set(counts(database, TABLES).values()) == {0}
    assert store.load(FEED, ListPull(TEN), NOW).added == 10


def test_a_row_that_breaks_a_rule_of_the_store_refuses_the_pull(
    store: Incidents, database: Database
) -> None:
    with pytest.raises(FeedError, match="breaks a rule of the store"):
        store.load(FEED, ListPull([*TEN, incident(11, fatalities=-1)]), NOW)
    assert set(counts(database, TABLES).values()) == {0}


def test_a_refused_pull_can_be_noted_in_the_log(store: Incidents, database: Database) -> None:
    store.note_failure(FEED, "incidents.csv: is cut short", NOW)
    assert database.rows("SELECT status, reason, seen_at FROM pulls") == [
        ("refused", "incidents.csv: is cut short", None)
    ]
    assert store.watermark() == ""
    store.load(FEED, ListPull(TEN), NOW)
    store.note_failure(FEED, "", NOW)
    assert store.load(FEED, ListPull(TEN), NOW).status == "same"


def test_an_id_that_stands_twice_is_kept_once_and_told(
    store: Incidents, database: Database
) -> None:
    report = store.load(FEED, ListPull([*TEN, incident(3, fatalities=99)]), NOW)
    assert (report.added, report.quarantined) == (10, 1)
    assert [row[1] for row in history(database)] == [3] * 10
    assert database.rows("SELECT line, excerpt FROM quarantine") == [(0, "3")]


def test_two_feeds_may_use_the_same_ids(store: Incidents) -> None:
    other = FEED.model_copy(update={"name": "other"})
    assert store.load(FEED, ListPull(TEN), NOW).added == 10
    assert store.load(other, ListPull(TEN[:2]), NOW).added == 2
    assert store.load(FEED, ListPull(TEN[::-1]), NOW).unchanged == 10


def test_counts_have_a_history_of_their_own(store: Incidents, database: Database) -> None:
    months = [Tally("Borno", f"2022-{month:02}-01", month) for month in range(1, 10)]
    store.load(FEED, ListPull(tallies=months), NOW)
    revised = [months[0]._replace(events=7), *months[1:8], Tally("Yobe", "2022-01-01", 1)]
    report = store.load(FEED, ListPull(tallies=revised), NOW)
    assert (report.added, report.revised, report.deleted, report.unchanged) == (1, 1, 1, 7)
    assert counts(database, ("counts", "incidents")) == {"counts": 11, "incidents": 0}


def test_stamps_rise_even_when_the_clock_goes_back(store: Incidents, database: Database) -> None:
    for day, rows in enumerate((TEN, TEN[:9], TEN[:8])):
        store.load(FEED, ListPull(rows), NOW - timedelta(days=day))
    stamps = [seen for (seen,) in database.rows("SELECT seen_at FROM pulls ORDER BY pull_id")]
    assert stamps == [stamp(NOW + timedelta(microseconds=n)) for n in range(3)]
    assert store.watermark() == stamps[-1]


def test_the_watermark_moves_with_coverage_too(store: Incidents) -> None:
    later = NOW + timedelta(days=31)
    store.load(FEED, ListPull(TEN), NOW)
    store.load(FEED, ListPull(TEN, through=date(2022, 10, 31)), later)
    assert store.watermark() == stamp(later)


def test_first_seen_waits_for_the_last_of_the_feeds(store: Incidents) -> None:
    other = FEED.model_copy(update={"name": "other"})
    assert store.first_seen(["tracker"]) is None
    store.load(FEED, ListPull(TEN), NOW)
    store.load(FEED, ListPull(TEN[:9]), NOW + timedelta(days=1))
    assert store.first_seen(["tracker"]) == stamp(NOW)
    assert store.first_seen(["tracker", "other"]) is None
    store.load(other, ListPull(TEN), NOW + timedelta(days=2))
    assert store.first_seen(["tracker", "other"]) == stamp(NOW + timedelta(days=2))


def test_coverage_is_that_of_the_last_good_pull_then(store: Incidents) -> None:
    store.load(FEED, ListPull(TEN), NOW)
    store.load(FEED, ListPull(TEN, through=date(2022, 10, 31)), NOW + timedelta(days=31))
    first, through = date(2013, 1, 1), date(2022, 9, 30)
    assert store.coverage(["tracker"], stamp(NOW)) == {"tracker": [Coverage("", first, through)]}
    now = store.coverage(["tracker", "other"], None)
    assert now == {"tracker": [Coverage("", first, date(2022, 10, 31))], "other": []}
    assert store.coverage(["tracker"], "2022-09-01") == {"tracker": []}


def test_a_feed_that_appends_adds_to_its_coverage(store: Incidents) -> None:
    store.load(APPEND, ListPull(TEN, through=date(2022, 9, 30)), NOW)
    october = ListPull([], first=date(2022, 10, 1), through=date(2022, 10, 31))
    store.load(APPEND, october, NOW)
    found = store.coverage(["tracker"], None)["tracker"]
    assert found == [Coverage("", date(2013, 1, 1), date(2022, 10, 31))]


def test_stretches_are_joined_by_country_where_they_touch() -> None:
    def days(country: str, first: int, through: int) -> Coverage:
        return Coverage(country, date(2022, 1, first), date(2022, 1, through))

    stretches = [
        days("b", 1, 2),
        days("a", 8, 9),
        days("a", 1, 5),
        days("a", 2, 3),
        days("a", 6, 6),
    ]
    assert joined(stretches) == [days("a", 1, 6), days("a", 8, 9), days("b", 1, 2)]


def test_aliases_are_replaced_whole(store: Incidents, database: Database) -> None:
    store.set_aliases(Aliases(actor={"Islamic State": ("IS", "Daesh")}))
    store.set_aliases(Aliases(actor={"IS": ("Daesh",)}, country={"DR Congo": ("Zaire",)}))
    assert database.rows("SELECT * FROM aliases ORDER BY field, spelling") == [
        ("actor", "daesh", "IS"),
        ("actor", "is", "IS"),
        ("country", "dr congo", "DR Congo"),
        ("country", "zaire", "DR Congo"),
    ]


def test_a_large_pull_is_staged_in_any_batch_size(store: Incidents, database: Database) -> None:
    rows = [incident(n, fatalities=n) for n in range(700)]

    class OneBatch(ListPull):
        def batches(self) -> Iterator[Batch]:
            yield Batch(rows, [], [])

    store.load(FEED, OneBatch(rows), NOW)
    assert [row[1] for row in history(database)] == list(range(700))


ROWS = st.dictionaries(st.integers(0, 12), st.integers(0, 3), max_size=12)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(snapshots=st.lists(ROWS, min_size=1, max_size=5))
def test_any_history_of_snapshots_reads_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, snapshots: list[dict[int, int]]
) -> None:
    path: Path = tmp_path_factory.mktemp("history") / "tocsin.db"
    feed = FEED.model_copy(update={"max_loss_share": 1.0})
    with open_database(path, mode="own") as database:
        store, stamps = Incidents(database), []
        for snapshot in snapshots:
            rows = [incident(n, fatalities=dead) for n, dead in snapshot.items()]
            store.load(feed, ListPull(rows), NOW)
            stamps.append(database.value("SELECT max(seen_at) FROM pulls"))
        for seen, snapshot in zip(stamps, snapshots, strict=True):
            then = database.rows(
                "SELECT CAST(source_id AS INTEGER), fatalities FROM incidents "
                "WHERE seen_at <= ?1 AND (superseded_at IS NULL OR superseded_at > ?1)",
                [seen],
            )
            assert sorted(then) == sorted(snapshot.items())


@pytest.mark.realdata
def test_a_real_file_loads_and_a_cut_of_it_is_refused(
    store: Incidents, real_data: Callable[[str], Path]
) -> None:
    frame = pd.read_csv(real_data("ucdp_ged_extract.csv.gz"), dtype=str, keep_default_na=False)
    days = frame[next(name for name in frame.columns if name.startswith("date"))].str[:10]
    rows = [incident(number, day) for number, day in enumerate(days)]
    now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    assert store.load(FEED, ListPull(rows), now).added == len(frame)
    with pytest.raises(FeedError, match=f"of {len(frame)} rows are gone"):
        store.load(FEED, ListPull(rows[: len(rows) // 2]), now)


def test_a_snapshot_that_covers_less_than_the_one_before_leaves_the_rest_unknown(
    store: Incidents,
) -> None:
    store.load(FEED, ListPull([incident(1)], through=date(2022, 9, 30)), NOW)
    store.load(FEED, ListPull([incident(1)], through=date(2022, 8, 31)), NOW + timedelta(1))
    (now,), (then,) = (store.coverage(["tracker"], at)["tracker"] for at in (None, stamp(NOW)))
    assert (now.through, then.through) == (date(2022, 8, 31), date(2022, 9, 30))
    store.load(APPEND, ListPull([incident(2)], through=date(2022, 7, 31)), NOW + timedelta(2))
    (kept,) = store.coverage(["tracker"], None)["tracker"]
    assert kept.through == date(2022, 8, 31), "what is appended takes nothing back"
