"""Kind "counts-csv": counts without incidents."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.errors import FeedError
from core.incidents import Tally

from .conftest import Read, read


def test_counts_are_read_by_their_columns(pulled: Callable[..., Read]) -> None:
    text = "n;week;place\n3;1/2/2024;Basra \n0;8/2/2024;Basra\n"
    columns = {"region": "place", "date": "week", "count": "n"}
    read = pulled(text, "counts-csv", columns=columns, dates="day-first")
    assert read.tallies == [Tally("Basra", "2024-02-01", 3), Tally("Basra", "2024-02-08", 0)]
    assert read.incidents == []


def test_bad_counts_say_why(pulled: Callable[..., Read]) -> None:
    text = (
        "region,date,count\nA,2024-01-01,1\n,2024-01-01,1\nA,2024-01-02,\nA,2024-01-03,-2\n"
        "A,2024-01-01,1\nA,2030-01-01,1\nnan,2024-01-01,1\n"
    )
    read = pulled(text, "counts-csv", max_bad_share=0.9)
    assert [(bad.line, bad.reason) for bad in read.bad] == [
        (3, "region is empty"),
        (4, "count is empty"),
        (5, "count '-2' is not a whole number of 0 or more"),
        (6, "A on 2024-01-01 stands twice in the file"),
        (7, "date '2030-01-01' is after 2026-11-22"),
        (8, "region is empty"),
    ]


def test_a_missing_count_column_is_named(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="no column 'count'; did you mean 'counts'"):
        pulled("region,date,counts\nA,2024-01-01,1\n", "counts-csv")


def test_coverage_is_the_feeds_own_without_its_gaps(pulled: Callable[..., Read]) -> None:
    text = "region,date,count\nA,2024-01-05,1\nB,2024-03-01,1\n"
    gaps = [["2024-02-01", "2024-02-10"], ["2023-01-01", "2024-01-06"]]
    covered = pulled(text, "counts-csv", gaps=gaps).coverage
    assert [(c.country, str(c.first), str(c.through)) for c in covered] == [
        ("", "2024-01-07", "2024-01-31"),
        ("", "2024-02-11", "2024-03-01"),
    ]


@pytest.mark.realdata
def test_iraqs_daily_attacks_read_whole_and_their_gap_is_no_silence(
    real_data: Callable[[str], Path],
) -> None:
    path = real_data("iraq_daily_attacks.csv.gz")
    gap = (date(2006, 10, 1), date(2007, 1, 31))
    columns = {"count": "incidents"}
    found = read(path.parent, "counts-csv", path=path.name, columns=columns, gaps=(gap,))
    assert (len(found.tallies), found.bad) == (7444, [])
    assert [(c.first, c.through) for c in found.coverage] == [
        (date(2006, 1, 1), date(2006, 9, 30)),
        (date(2007, 2, 1), date(2008, 7, 5)),
    ]
    assert not [t for t in found.tallies if str(gap[0]) <= t.day <= str(gap[1])]
