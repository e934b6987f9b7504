"""A folder as a feed: new, changed, missing, bad and half-written files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import FeedError
from core.incidents import Coverage
from core.protocols import PullReport
from core.settings import FeedSettings
from feeds.registry import open_feed, settings_class
from storage.database import Database, open_database
from storage.incidents import Incidents
from tests.storage.samples import NOW

from .conftest import TODAY, read, rest, write_workbook

COLUMNS = {"id": "id", "date": "date", "country": "country"}
HEADER = "id,date,country\n"


@dataclass
class Inbox:
    """A folder, and a store that its feed is pulled into."""

    folder: Path
    database: Database
    pulls: int = 0

    def put(self, name: str, *rows: str, header: str = HEADER) -> None:
        (self.folder / name).write_text(header + "".join(f"{row}\n" for row in rows))
        rest(self.folder)

    def settings(self, **keys: Any) -> FeedSettings:
        told = {"name": "inbox", "path": "inbox/*.csv", "columns": COLUMNS, "max_loss_share": 1}
        return settings_class("csv").model_validate(told | keys)

    def pull(self, **keys: Any) -> PullReport:
        feed, store = self.settings(**keys), Incidents(self.database)
        self.pulls += 1
        pull = open_feed(feed, self.folder.parent).pull(TODAY, store.bookmark("inbox"))
        return store.load(feed, pull, NOW + timedelta(self.pulls))

    def ids(self) -> list[str]:
        rows = self.database.rows(
            "SELECT source_id FROM incidents WHERE superseded_at IS NULL ORDER BY source_id"
        )
        return [row[0] for row in rows]


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    (tmp_path / "inbox").mkdir()
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield Inbox(tmp_path / "inbox", database)


def test_the_rows_of_all_files_belong_to_the_feed(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("b.csv", "2,2024-03-02,Mali", "3,2024-03-03,Niger")
    assert inbox.pull().added == 3
    assert inbox.pull().status == "same"


def test_a_file_that_appears_adds_its_rows_and_one_that_changes_replaces_its_own(
    inbox: Inbox,
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali", "2,2024-03-02,Mali")
    inbox.pull()
    inbox.put("b.csv", "3,2024-03-03,Niger")
    assert (inbox.pull().added, inbox.ids()) == (1, ["1", "2", "3"])
    inbox.put("a.csv", "1,2024-03-09,Mali")
    report = inbox.pull()
    assert (report.added, report.revised, report.deleted) == (0, 1, 1)
    assert inbox.ids() == ["1", "3"]


@pytest.mark.parametrize(("mode", "left"), [("snapshot", ["1"]), ("append", ["1", "2"])])
def test_a_file_that_is_gone_takes_its_rows_along_unless_files_only_add(
    inbox: Inbox, mode: str, left: list[str]
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("b.csv", "2,2024-03-02,Mali")
    inbox.pull(mode=mode)
    (inbox.folder / "b.csv").unlink()
    inbox.pull(mode=mode)
    assert inbox.ids() == left


def test_files_that_are_taken_away_once_read_leave_a_feed_that_only_adds_in_peace(
    inbox: Inbox,
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.pull(mode="append")
    (inbox.folder / "a.csv").unlink()
    report = inbox.pull(mode="append")
    assert (report.added, inbox.ids()) == (0, ["1"])
    covered = Incidents(inbox.database).coverage(["inbox"], None)["inbox"]
    assert covered[0] == Coverage("", date(2024, 3, 1), date(2024, 3, 1))
    with pytest.raises(FeedError, match=r"inbox/\*.csv: no file has such a name; looked in"):
        inbox.pull(mode="snapshot")


def test_a_bad_file_is_named_and_costs_neither_the_others_nor_rows_it_once_had(
    inbox: Inbox,
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("b.csv", "2,2024-03-02,Mali")
    inbox.pull()
    inbox.put("b.csv", "x", header="this,is\n")
    inbox.put("c.csv", "3,2024-03-02,Mali")
    report = inbox.pull()
    (refused,) = report.notes.refused
    assert refused.line().startswith("b.csv: there is no column 'id'")
    assert (report.added, report.deleted, inbox.ids()) == (1, 0, ["1", "2", "3"])


def test_a_file_that_stays_bad_is_named_in_every_pull_and_read_only_once(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("b.csv", "2,not a date,Mali")
    first = inbox.pull()
    monkeypatch.setattr("feeds.records.TextTable.chunks", lambda _: pytest.fail("it was read"))
    again = inbox.pull()
    assert again.status == "same"
    assert [str(error) for error in again.notes.refused] == [
        str(error) for error in first.notes.refused
    ]
    ((stored,),) = inbox.database.rows("SELECT notes FROM pulls ORDER BY pull_id DESC LIMIT 1")
    assert "b.csv: 1 of 1 rows are bad" in stored


def test_when_every_file_is_bad_the_pull_is_refused(inbox: Inbox) -> None:
    inbox.put("b.csv", "x", header="this,is\n")
    with pytest.raises(FeedError, match=r"b.csv: there is no column 'id'"):
        inbox.pull()


def test_a_file_that_was_just_written_waits_and_nothing_is_deleted_meanwhile(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("b.csv", "2,2024-03-02,Mali")
    inbox.pull()
    (inbox.folder / "b.csv").write_text(HEADER + "2,2024-0")
    inbox.put("c.csv", "3,2024-03-03,Mali")
    os.utime(inbox.folder / "b.csv")
    report = inbox.pull()
    assert report.notes.waiting == ("b.csv: still being written",)
    assert (report.added, report.deleted, inbox.ids()) == (1, 0, ["1", "2", "3"])
    inbox.put("b.csv", "4,2024-03-04,Mali")
    assert (inbox.pull().deleted, inbox.ids()) == (1, ["1", "3", "4"])


def test_a_file_that_was_written_by_a_clock_far_ahead_is_read(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    ahead = (inbox.folder / "a.csv").stat().st_mtime + 86_400
    os.utime(inbox.folder / "a.csv", (ahead, ahead))
    assert inbox.pull(settle=60).added == 1


def test_while_all_files_are_being_written_the_pull_says_so(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    os.utime(inbox.folder / "a.csv")
    with pytest.raises(FeedError, match="its files are still being written"):
        inbox.pull()
    assert inbox.pull(settle=0).added == 1


@pytest.mark.parametrize("name", ["~$a.csv", ".a.csv", ".~lock.a.csv#", "a.csv.part", "~a.csv"])
def test_temporary_names_are_passed_over(inbox: Inbox, name: str) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put(name, "2,2024-03-01,Mali")
    inbox.pull(path="inbox/*")
    assert inbox.ids() == ["1"]


def test_a_row_in_two_files_counts_once_as_the_file_of_the_last_name_tells_it(
    inbox: Inbox,
) -> None:
    inbox.put("2024-03.csv", "1,2024-03-01,Mali")
    inbox.put("2024-04.csv", "1,2024-03-01,Niger", "2,2024-04-01,Niger")
    report = inbox.pull()
    assert (report.added, report.quarantined) == (2, 1)
    rows = inbox.database.rows("SELECT DISTINCT country FROM incidents")
    assert rows == [("Niger",)]


def test_where_each_file_counts_from_one_ids_belong_to_the_file(inbox: Inbox) -> None:
    inbox.put("gao.csv", "1,2024-03-01,Mali")
    inbox.put("mopti.csv", "1,2024-03-02,Mali")
    assert inbox.pull(ids="file").added == 2
    assert inbox.ids() == ["gao.csv: 1", "mopti.csv: 1"]


def test_coverage_reaches_over_the_files_as_if_they_were_one(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-01-05,Mali")
    inbox.put("b.csv", "2,2024-03-02,Mali")
    inbox.pull()
    covered = Incidents(inbox.database).coverage(["inbox"], None)["inbox"]
    assert covered == [
        Coverage("", date(2024, 1, 1), date(2024, 3, 2)),
        Coverage("Mali", date(2024, 1, 1), date(2024, 3, 2)),
    ]


def test_quarantined_rows_name_their_file(inbox: Inbox) -> None:
    inbox.put("a.csv", *(f"{n},2024-03-01,Mali" for n in range(9)), "9,31/12/2024,Mali")
    inbox.pull()
    ((line, reason),) = inbox.database.rows("SELECT line, reason FROM quarantine")
    assert (line, reason) == (11, "a.csv: date '31/12/2024' is not iso")


def test_a_name_cannot_reach_a_terminal(inbox: Inbox) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    inbox.put("\x1b[31m\nb.csv", "x", header="this,is\n")
    (refused,) = inbox.pull().notes.refused
    assert refused.where == "[31m b.csv"


def test_the_order_of_the_folder_does_not_matter(inbox: Inbox, tmp_path: Path) -> None:
    names = ["b.csv", "a.csv", "c.csv"]
    digests, orders = set(), []
    for turn in range(2):
        for name in reversed(names) if turn else names:
            inbox.put(name, f"{name},2024-03-01,Mali")
        found = read(tmp_path, "csv", path="inbox/*.csv", columns=COLUMNS)
        digests.add(found.pull.digest)
        orders.append([one.source_id for one in found.incidents])
        for name in names:
            (inbox.folder / name).unlink()
    assert len(digests) == 1
    assert orders[0] == orders[1]


def test_workbooks_and_counts_are_watched_alike(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_workbook(tmp_path / f"{name}.xlsx", [list(COLUMNS), [name, "2024-03-01", "Mali"]])
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    (tmp_path / "c.csv").write_text("region,date,count\nR,2024-03-01,4\n")
    rest(tmp_path)
    assert len(read(tmp_path, "excel", path="*.xlsx", columns=COLUMNS).incidents) == 2
    assert len(read(tmp_path, "counts-csv", path="*.csv").tallies) == 1


def test_a_folder_that_is_not_there_is_told(inbox: Inbox) -> None:
    with pytest.raises(FeedError, match="there is no such folder; make"):
        inbox.pull(path="outbox/*.csv")


def test_only_the_last_part_of_a_path_stands_for_several(inbox: Inbox) -> None:
    with pytest.raises(ValidationError, match="only the last part of path"):
        inbox.settings(path="*/a.csv")


def test_a_file_whose_rows_change_after_they_were_looked_at_costs_the_pull_and_nothing_else(
    inbox: Inbox,
) -> None:
    inbox.put("a.csv", "1,2024-03-01,Mali")
    pull = open_feed(inbox.settings(), inbox.folder.parent).pull(TODAY)
    inbox.put("a.csv", "x", header="this,is\n")
    with pytest.raises(FeedError, match="there is no column"):
        Incidents(inbox.database).load(inbox.settings(), pull, NOW)
    assert inbox.ids() == []
