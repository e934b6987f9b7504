"""COUNTS files: what is read, and what is refused with file and line."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from core.errors import InputError
from core.periods import Period
from tocsin.counts_file import read_counts


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
