"""COUNTS files: what is read, and what is refused with file and line."""

import gzip
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.periods import Period
from tocsin.counts_file import CountsFile, read_counts


def written(folder: Path, *rows: str) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join(["region,date,count", *rows]) + "\n", encoding="utf-8")
    return path


def refusal(path: Path, until: date | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_counts(path, Period.MONTH, until)
    return caught.value.line()


def test_a_month_without_a_row_is_zero_and_rows_of_one_month_add_up(tmp_path: Path) -> None:
    path = written(tmp_path, "N,2024-01-31,2", "N,2024-01-01,3", "N,2024-04-15,1", "S,2024-02-02,7")
    panel = read_counts(path, Period.MONTH, None).panel
    assert panel.keys == (("N",), ("S",))
    assert panel.counts.tolist() == [[5, 0, 0, 1], [0, 7, 0, 0]]
    assert [panel.period.label(end) for end in panel.ends.tolist()] == ["2024-04", "2024-04"]


def test_only_periods_that_end_by_then_are_used_and_later_ones_are_zero(tmp_path: Path) -> None:
    path = written(tmp_path, "N,2024-01-31,2", "N,2024-03-15,1")
    assert read_counts(path, Period.MONTH, date(2024, 3, 30)).panel.counts.tolist() == [[2, 0]]
    assert read_counts(path, Period.MONTH, date(2024, 4, 30)).panel.counts.tolist() == [
        [2, 0, 1, 0]
    ]
    assert "no month ends on or before 2023-12-31" in refusal(path, date(2023, 12, 31))


def test_weeks_run_from_monday_to_sunday(tmp_path: Path) -> None:
    path = written(tmp_path, "N,2024-01-07,1", "N,2024-01-08,2", "N,2024-01-14,4")
    assert read_counts(path, Period.WEEK, None).panel.counts.tolist() == [[1, 6]]


@pytest.mark.parametrize("count", ["-1", "1e300", "nan", "inf", "2.5", "9999999999", "many", ""])
def test_what_is_no_count_is_refused_with_its_line(tmp_path: Path, count: str) -> None:
    line = refusal(written(tmp_path, "N,2024-01-01,1", f"N,2024-02-01,{count}"))
    assert "counts.csv, line 3" in line
    assert "is not a count" in line


@pytest.mark.parametrize("count", ["-1", "-inf", "inf", "nan", "0.5"])
def test_what_is_no_count_costs_its_own_region_only_and_is_told_once(
    tmp_path: Path, count: str
) -> None:
    bad = [f"A,2024-02-01,{count}", f"A,2024-03-01,{count}", "A,2024-01-01,4"]
    path = written(tmp_path, "N,2024-01-01,1", *bad, "S,2024-04-01,2")
    panel, (told,), _ = read_counts(path, Period.MONTH, None)
    assert panel.keys == (("N",), ("S",))
    assert panel.counts.tolist() == [[1, 0, 0, 0], [0, 0, 0, 2]]
    assert f"line 3: {count!r} is not a count: region 'A' is left out" in told


@pytest.mark.parametrize("day", ["", "2024-13-01", "yesterday", "31/01/2024"])
def test_what_is_no_date_is_refused_with_its_line(tmp_path: Path, day: str) -> None:
    assert "counts.csv, line 2" in refusal(written(tmp_path, f"N,{day},1"))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "absent.csv")
    assert "holds no rows" in refusal(written(tmp_path))
    path = tmp_path / "counts.csv"
    path.write_text("place,when,n\nA,2024-01-01,1\n")
    assert "column 'region' is missing (it has: place, when, n)" in refusal(path)
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert "is UTF-16 text" in refusal(path)
    (tmp_path / "counts.parquet").write_bytes(b"PAR1 not really")
    assert "cannot be read" in refusal(tmp_path / "counts.parquet")


def test_parquet_with_real_dates_reads_as_csv_does(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "region": ["N", "N"],
            "date": pd.to_datetime(["2024-01-31", "2024-03-01"]),
            "count": [2, 1],
        }
    )
    frame.to_parquet(tmp_path / "counts.parquet")
    panel = read_counts(tmp_path / "counts.parquet", Period.MONTH, None).panel
    assert panel.counts.tolist() == [[2, 0, 1]]


def test_a_region_keeps_its_name_and_its_slashes(tmp_path: Path) -> None:
    panel = read_counts(written(tmp_path, "Mali/Gao,2024-01-01,1"), Period.MONTH, None).panel
    assert panel.keys == (("Mali", "Gao"),)


HEAD = b"region,date,count\n"


def of_bytes(folder: Path, content: bytes) -> Path:
    path = folder / "counts.csv"
    path.write_bytes(content)
    return path


def of_columns(folder: Path, **columns: Any) -> Path:
    given = {"region": ["N", "N"], "date": ["2024-01-31", "2024-03-01"], "count": [2, 1], **columns}
    path = folder / "counts.parquet"
    pq.write_table(pa.table(given), path)
    return path


@pytest.mark.parametrize(
    "day",
    [
        "20240131", "2024-1-31", "2024/01/31", "2024-01-31 23:59", "2024-01-31T23:59:59.5Z",
        "2024-01-31T23:30:00-05:00", "2024-01-01T00:30:00+05:00", " 2024-01-15 ", "2024-01",
    ],
)  # fmt: skip
def test_a_day_is_taken_as_it_is_written_and_never_moved_by_a_zone(
    tmp_path: Path, day: str
) -> None:
    path = written(tmp_path, f"N,{day},2", "N,2024-02-01T00:00:00+14:00,1", "N,2024-02-02,4")
    panel = read_counts(path, Period.MONTH, None).panel
    assert panel.counts.tolist() == [[2, 5]]
    assert panel.period.label(int(panel.ends[0])) == "2024-02"


@pytest.mark.parametrize(
    "day",
    ["now", "today", "NaT", "0000-01-01", "0001-01-01", "9999-12-31", "-0001-01-01", "2023-02-29",
     "20240", "2024", "45000", "1704067200", "2024-W05", "\uff12\uff10\uff12\uff14-01-01"],
)  # fmt: skip
def test_what_no_calendar_of_this_time_has_is_no_day(tmp_path: Path, day: str) -> None:
    assert "counts.csv, line 3: date" in refusal(written(tmp_path, "N,2024-01-01,1", f"N,{day},1"))


def test_a_month_without_its_day_is_a_day_of_no_week(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: date '2024-01' is not iso"):
        read_counts(written(tmp_path, "N,2024-01,1"), Period.WEEK, None)


@pytest.mark.parametrize("count", ["3", "3.0", "+3", " 3 ", "003", "3e0", "0.3e1"])
def test_one_count_may_be_written_in_several_ways(tmp_path: Path, count: str) -> None:
    panel = read_counts(written(tmp_path, f"N,2024-01-01,{count}"), Period.MONTH, None).panel
    assert panel.counts.tolist() == [[3]]


@pytest.mark.parametrize(
    "count", ['"1,000"', "1 000", "1_000", "0x10", "\u0663", "True", "9" * 400]
)
def test_what_other_programs_take_for_a_number_is_no_count(tmp_path: Path, count: str) -> None:
    assert "is not a count" in refusal(written(tmp_path, f"N,2024-01-01,{count}"))


def test_a_count_with_an_unquoted_comma_refuses_the_file_instead_of_counting_one(
    tmp_path: Path,
) -> None:
    told = refusal(written(tmp_path, "", "N,2024-01-01,1,000", "N,2024-02-01,2,000"))
    assert "counts.csv, line 3: has 4 cells where the header has 3" in told
    assert "line 3: has 2 cells" in refusal(written(tmp_path, "N,2024-01-01,1", "N,2024-02-01"))


def test_lines_are_those_of_the_file_whatever_is_blank_or_quoted(tmp_path: Path) -> None:
    path = written(tmp_path, "", "", '"A', 'b",2024-01-01,1', "N,2024-01-01,x")
    (told,) = read_counts(path, Period.MONTH, None).refused
    assert "counts.csv, line 6: 'x' is not a count" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEAD + "N,2024-01-01,1\n\u00c9,2024-01-01,1\n".encode("latin-1"), "line 3: is not UTF-8"),
        (HEAD.decode().encode("utf-16"), "is UTF-16 text"),
        (HEAD + b'"N,2024-01-01,1\n' + b"x" * 200_000, "line 2: cannot be read"),
        (b"region;date;count\nN;2024-01-01;1\n", "column 'region' is missing"),
        (b"region,date,count,count\nN,2024-01-01,1,2\n", "column 'count' stands twice"),
        (gzip.compress(HEAD, mtime=0)[:-5], "gzip file is cut short"),
        (b"", "is empty"),
        (b"PAR1PAR1", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
    ],
)
def test_text_that_is_no_such_table_is_refused_in_one_line(
    tmp_path: Path, content: bytes, told: str
) -> None:
    line = refusal(of_bytes(tmp_path, content))
    assert told in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + HEAD + b"N,2024-01-01,1\n", HEAD.replace(b"\n", b"\r") + b"N,2024-01-01,1",
     b'"region","date","count"\r\n"N","2024-01-01","1"\r\n',
     gzip.compress(HEAD + b"N,2024-01,1", mtime=0),
     b"x,count,date,region\n7,1,2024-01-01,N\n"],
)  # fmt: skip
def test_tables_may_be_written_by_any_program(tmp_path: Path, content: bytes) -> None:
    panel = read_counts(of_bytes(tmp_path, content), Period.MONTH, None).panel
    assert (panel.keys, panel.counts.tolist()) == ((("N",),), [[1]])


def test_rows_without_a_region_are_left_out_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "N,2024-01-01,1", ",2024-01-01,5", "  ,2024-01-01,5")
    panel, (told,), _ = read_counts(path, Period.MONTH, None)
    assert panel.keys == (("N",),)
    assert "line 3: names no region" in told


def test_names_that_look_like_nothing_or_alike_stay_apart(tmp_path: Path) -> None:
    names = ["nan", "NA", "None", "01", "1", "A", "\u0410", "A\u200b", "=1+1", "A\x00"]
    path = written(tmp_path, *(f"{name},2024-01-01,1" for name in names))
    panel = read_counts(path, Period.MONTH, None).panel
    assert panel.keys == tuple((name,) for name in sorted(names))


def test_what_no_memory_holds_is_refused_before_it_is_made(tmp_path: Path) -> None:
    regions = [f"R{number},2024-01-01,1" for number in range(2000)]
    path = written(tmp_path, *regions, "N,1900-01-01,1", "N,2199-12-31,1")
    with pytest.raises(InputError, match="correct a wrong year, or give fewer regions") as caught:
        read_counts(path, Period.DAY, None)
    assert "span 219,255,573 days of all regions together" in caught.value.line()


def test_periods_after_the_last_row_are_zero_where_until_says_so_and_are_counted(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "N,2024-01-31,2")
    found = read_counts(path, Period.MONTH, date(2024, 3, 31))
    assert (found.panel.counts.tolist(), found.unseen) == ([[2, 0, 0]], 2)
    assert read_counts(path, Period.MONTH, date(2024, 1, 31)).unseen == 0


EASTERN = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    "columns",
    [
        {"date": pa.array([date(2024, 1, 31), date(2024, 3, 1)], pa.date32())},
        {"date": pa.array([date(2024, 1, 31), date(2024, 3, 1)], pa.date64())},
        {"date": pa.array([datetime(2024, 1, 31, 23, 59, tzinfo=UTC),
                           datetime(2024, 3, 1, tzinfo=UTC)],
                          pa.timestamp("ns", "UTC"))},
        {"date": pa.array([datetime(2024, 1, 31, 23, tzinfo=EASTERN),
                           datetime(2024, 3, 1, tzinfo=EASTERN)], pa.timestamp("us", "-05:00"))},
        {"date": [20240131, 20240301]},
        {"date": pa.array(["2024-01-31", "2024-03-01"]).dictionary_encode()},
        {"region": pa.array(["N", "N"]).dictionary_encode()},
        {"region": pa.array(["N", "N"], pa.large_string())},
        {"region": pa.array([b"N", b"N"], pa.binary())},
        {"count": pa.array([2, 1], pa.uint8())},
        {"count": [2.0, 1.0]},
        {"count": [Decimal(2), Decimal(1)]},
        {"count": ["2", "1"]},
        {"other": [[1], [2]]},
    ],
)  # fmt: skip
def test_parquet_may_hold_its_columns_in_many_types(
    tmp_path: Path, columns: dict[str, Any]
) -> None:
    panel = read_counts(of_columns(tmp_path, **columns), Period.MONTH, None).panel
    assert (panel.keys, panel.counts.tolist()) == ((("N",),), [[2, 0, 1]])


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"date": pa.array([None, None], pa.date32())}, "row 1: date is empty"),
        ({"date": [1.5, 2.5]}, "row 1: date '1.5' is not iso"),
        ({"count": [[1], [2]]}, "column 'count' holds list"),
        ({"count": [True, False]}, "row 1: 'True' is not a count"),
        ({"count": pa.nulls(2)}, "row 1: 'None' is not a count"),
        ({"region": pa.nulls(2)}, "row 1: names no region"),
        ({"region": pa.array([b"\xff", b"\xff"], pa.binary())}, "column 'region' holds binary"),
    ],
)
def test_parquet_that_cannot_be_meant_is_refused_with_its_row(
    tmp_path: Path, columns: dict[str, Any], told: str
) -> None:
    assert told in refusal(of_columns(tmp_path, **columns))


_CELLS = st.one_of(
    st.sampled_from(["N", "2024-01-05", "7", "-1", "1e999", '"', "\r", "\0", "\u202e", ",", "nan"]),
    st.text(max_size=6),
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(rows=st.lists(st.lists(_CELLS, min_size=1, max_size=4).map(",".join), max_size=5))
def test_whatever_a_file_holds_it_is_counts_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    text = "\n".join(["region,date,count", "S,2024-01-01,3", *rows])
    path = of_bytes(tmp_path_factory.mktemp("any"), text.encode("utf-8", "surrogatepass"))
    found = outcome(path)
    if isinstance(found, str):
        assert found.startswith(str(path))
    else:
        assert (found.panel.counts >= 0).all()
        assert len(set(found.panel.keys)) == len(found.panel.keys)


def outcome(path: Path) -> CountsFile | str:
    try:
        return read_counts(path, Period.MONTH, None)
    except InputError as error:
        return error.line()
