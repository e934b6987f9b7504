"""What `core.incidents` promises of every feed, kind by kind."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from core.clock import unstamp
from core.incidents import Incident, Tally
from feeds.registry import KINDS, open_feed, settings_class

from .conftest import TODAY, Read, read, write_workbook

CASES: dict[str, dict[str, Any]] = {
    "simulated": {},
    "csv": {
        "path": "ucdp_ged_extract.csv.gz",
        "columns": {"id": "event_id", "date": "date", "country": "country", "latitude": "lat"},
    },
    "excel": {"columns": {"id": "event_id", "date": "date", "country": "country"}},
    "counts-csv": {"path": "iraq_daily_attacks.csv.gz", "columns": {"count": "incidents"}},
    "ucdp-csv": {"path": "hdx_ucdp_pakistan.csv.gz"},
}


@pytest.fixture(params=KINDS)
def case(
    request: pytest.FixtureRequest, real_data: Callable[[str], Path], tmp_path: Path
) -> Callable[..., Read]:
    """A pull of each kind; further keys may be given."""
    keys = dict(CASES[request.param])
    if request.param == "excel":
        rows = [[n, date(2024, 1, 1 + n % 28), ("Mali", "Niger")[n % 2]] for n in range(50)]
        write_workbook(tmp_path / "f.xlsx", [["event_id", "date", "country"], *rows])
        return lambda **more: read(tmp_path, "excel", path="f.xlsx", **keys, **more)
    if "path" in keys:
        keys["path"] = real_data(keys["path"])
    return lambda **more: read(Path("/"), request.param, **keys, **more)


def test_two_pulls_of_the_same_source_are_the_same(case: Callable[[], Read]) -> None:
    one, other = case(), case()
    assert one.pull.digest == other.pull.digest
    assert one[1:] == other[1:]


def test_rows_have_the_declared_types_and_iso_dates_that_are_not_in_the_future(
    case: Callable[[], Read],
) -> None:
    found = case()
    rows: list[tuple[object, ...]] = [*found.incidents, *found.tallies]
    assert rows
    hints = list(get_type_hints(Tally if found.tallies else Incident).values())
    assert all(
        isinstance(cell, hint) for row in rows for cell, hint in zip(row, hints, strict=True)
    )
    days = {one.date for one in found.incidents} | {one.day for one in found.tallies}
    assert all(date.fromisoformat(day).isoformat() == day <= str(TODAY) for day in days)


def test_a_pull_gives_incidents_or_tallies_with_unique_ids(case: Callable[[], Read]) -> None:
    found = case()
    assert not (found.incidents and found.tallies)
    ids = [one.source_id for one in found.incidents] or [one[:2] for one in found.tallies]
    assert len(set(ids)) == len(ids)


def test_coverage_holds_the_whole_feed_and_nothing_beyond_today(
    case: Callable[[], Read],
) -> None:
    found = case()
    countries = {one.country for one in found.incidents if one.country}
    assert {stretch.country for stretch in found.coverage} == countries | {""}
    assert all(stretch.first <= stretch.through <= TODAY for stretch in found.coverage)


def test_origin_has_no_folder_and_accessed_is_a_stamp(case: Callable[[], Read]) -> None:
    pull = case().pull
    assert "/" not in pull.origin
    assert isinstance(unstamp(pull.accessed), datetime)
    assert len(pull.digest) == 64


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"simulated", "excel"}))
def test_batches_are_as_large_as_a_block_allows_and_their_rows_do_not_depend_on_it(
    kind: str, real_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"name": "f", **CASES[kind], "path": real_data(CASES[kind]["path"])}
    feed = open_feed(settings_class(kind).model_validate(keys), Path("/"))
    whole = [row for batch in feed.pull(TODAY).batches() for row in batch.incidents + batch.tallies]
    monkeypatch.setattr("feeds.files.BLOCK", 1 << 16)
    parts = [batch.incidents + batch.tallies for batch in feed.pull(TODAY).batches()]
    assert [row for part in parts for row in part] == whole
    assert max(map(len, parts)) <= (1 << 16) / 15


def test_a_sensitive_column_is_in_no_incident_of_any_kind(case: Callable[..., Read]) -> None:
    found = case(sensitive=["actor", "latitude"])
    assert found.incidents or found.tallies
    assert {(one.actor, one.latitude) for one in found.incidents} <= {(None, None)}
