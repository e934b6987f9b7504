"""Kind "ucdp-csv": the files as UCDP and HDX really publish them."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.errors import FeedError

from .conftest import Read, read

pytestmark = pytest.mark.realdata


@pytest.fixture
def ucdp(real_data: Callable[[str], Path]) -> Callable[..., Read]:
    def pull(name: str, **keys: object) -> Read:
        path = real_data(name)
        return read(path.parent, "ucdp-csv", path=path.name, **keys)

    return pull


NIGERIA, PAKISTAN = "hdx_ucdp_nigeria.csv.gz", "hdx_ucdp_pakistan.csv.gz"
CANDIDATE = "ucdp_candidate_v23_0_10.csv.gz"


@pytest.mark.parametrize(
    ("name", "rows", "odd", "no_province"),
    [(NIGERIA, 4603, 70, 25), (PAKISTAN, 6416, 200, 45), (CANDIDATE, 2391, 15, 115)],
)
def test_an_untouched_file_reads_whole_and_odd_rows_are_kept_and_flagged(
    name: str, rows: int, odd: int, no_province: int, ucdp: Callable[..., Read]
) -> None:
    found = ucdp(name)
    print(f"{name}: {len(found.incidents):,} rows, {len(found.bad)} bad, {odd} flagged")
    assert (len(found.incidents), found.bad) == (rows, [])
    assert sum(one.flags is not None for one in found.incidents) == odd
    assert sum(one.admin1 is None for one in found.incidents) == no_province
    assert {one.kind for one in found.incidents} == {"state-based", "non-state", "one-sided"}


def test_the_first_row_of_nigeria_is_read_as_the_codebook_says(ucdp: Callable[..., Read]) -> None:
    first = ucdp(NIGERIA).incidents[0]
    assert first == (
        "15960", "2009-06-09", "2009-06-09", 1, "Nigeria", "Borno state", "Maiduguri lga",
        "Jama'atu Ahlis Sunna Lidda'awati wal-Jihad", "Government of Nigeria", "state-based",
        0, 0, 14, 11.84644, 13.160274, "Police Deny Shooting Islamic Sect Members", None, None,
    )  # fmt: skip


def test_the_attacker_is_side_a_unless_the_state_is(ucdp: Callable[..., Read]) -> None:
    found = ucdp(CANDIDATE).incidents
    assert {one.target for one in found if one.kind == "one-sided"} == {"Civilians"}
    fought = {str(one.target) for one in found if one.kind == "state-based"}
    assert all(target.startswith(("Government of", "XXX")) for target in fought)  # XXX: unclear
    assert not {one.actor for one in found if one.kind == "state-based"} & {"Civilians"}


def test_events_that_span_days_keep_both_and_sources_stay_short(
    ucdp: Callable[..., Read],
) -> None:
    found = ucdp(NIGERIA).incidents
    assert sum(one.date_end > one.date for one in found) > 500
    assert {one.date_precision for one in found} == {1, 2, 3, 4, 5}
    assert max(len(one.source or "") for one in found) <= 200
    assert all(one.source for one in found)


def test_a_country_file_is_covered_from_its_first_year_to_the_end_of_its_newest(
    ucdp: Callable[..., Read],
) -> None:
    assert [(c.country, c.first, c.through) for c in ucdp(NIGERIA).coverage] == [
        ("", date(1990, 1, 1), date(2019, 12, 31)),
        ("Nigeria", date(1990, 1, 1), date(2019, 12, 31)),
    ]


def test_a_candidate_release_covers_its_own_month_in_the_countries_it_names(
    ucdp: Callable[..., Read],
) -> None:
    found = ucdp(CANDIDATE)
    assert {(c.first, c.through) for c in found.coverage} == {
        (date(2023, 10, 1), date(2023, 10, 31))
    }
    assert len(found.coverage) == 49
    assert min(one.date for one in found.incidents) < "2023-10-01"


def test_settings_can_say_what_is_covered(ucdp: Callable[..., Read]) -> None:
    def through(**keys: object) -> date:
        return ucdp(NIGERIA, **keys).coverage[1].through

    assert through(release="24.1") == date(2023, 12, 31)
    assert through(covered_through="last-event") == date(2019, 12, 31)
    assert through(covered_through="pull") == date(2026, 11, 22)
    assert through(covered_through=date(2019, 6, 30)) == date(2019, 6, 30)


def test_nothing_is_covered_after_the_day_of_the_pull(ucdp: Callable[..., Read]) -> None:
    found = ucdp(NIGERIA, today=date(2020, 3, 1), covered_through=date(2030, 1, 1))
    assert found.coverage[0].through == date(2020, 3, 1)


def test_a_candidate_file_of_unknown_number_asks_for_it(
    real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "candidate.csv.gz"
    path.write_bytes(real_data(CANDIDATE).read_bytes())
    with pytest.raises(
        FeedError, match=r"candidate\.csv\.gz: this is a candidate release.*set rel"
    ):
        read(tmp_path, "ucdp-csv", path=path.name)
    assert read(tmp_path, "ucdp-csv", path=path.name, release="23.0.10").coverage


def test_another_table_is_refused_by_the_column_it_lacks(
    real_data: Callable[[str], Path], tmp_path: Path
) -> None:
    path = real_data("ucdp_ged_extract.csv.gz")
    with pytest.raises(FeedError, match="there is no column 'date_start'"):
        read(path.parent, "ucdp-csv", path=path.name)
    text = gzip.decompress(real_data(NIGERIA).read_bytes()).decode().replace(",side_b,", ",b,", 1)
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(FeedError, match="there is no column 'side_b'; did you mean"):
        read(tmp_path, "ucdp-csv", path="f.csv")
