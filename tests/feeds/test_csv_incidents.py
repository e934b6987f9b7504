"""Kind "csv": any table of incidents, by a mapping of columns."""

import gc
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.errors import FeedError
from feeds.registry import open_feed, settings_class

from .conftest import TODAY, Read, read

ALL = (
    "nr;when;until;prec;land;province;town;who;whom;sort;dead;min;max;y;x;paper;note\n"
    "7;03.04.2024;05.04.2024;2;Iraq;Basra;Zubair;IS;Police;bombing;4;3;9;30.5;47.8;Daily;odd\n"
    "8;04.04.2024;;;;;;;;;;;;;;;\n"
)
MAPPING = {
    "id": "nr", "date": "when", "date_end": "until", "date_precision": "prec", "country": "land",
    "admin1": "province", "admin2": "town", "actor": "who", "target": "whom", "kind": "sort",
    "fatalities": "dead", "low": "min", "high": "max", "latitude": "y", "longitude": "x",
    "source": "paper", "remark": "note",
}  # fmt: skip


@pytest.fixture
def everything(pulled: Callable[..., Read]) -> Read:
    return pulled(ALL, columns=MAPPING, dates="day-first")


def test_every_field_comes_from_its_column(everything: Read) -> None:
    assert everything.incidents[0] == (
        "7", "2024-04-03", "2024-04-05", 2, "Iraq", "Basra", "Zubair", "IS", "Police", "bombing",
        4, 3, 9, 30.5, 47.8, "Daily", None, '{"remark": "odd"}',
    )  # fmt: skip


def test_what_is_empty_is_unknown_and_not_zero(everything: Read) -> None:
    assert everything.incidents[1] == ("8", "2024-04-04", "2024-04-04", 1, *[None] * 14)


def test_compressed_files_read_the_same(pulled: Callable[..., Read], everything: Read) -> None:
    packed = pulled(gzip.compress(ALL.encode()), columns=MAPPING, dates="day-first")
    assert packed.incidents == everything.incidents
    assert packed.pull.digest != everything.pull.digest


def test_a_constant_stands_in_every_row(pulled: Callable[..., Read]) -> None:
    read = pulled("id,date\n1,2024-01-01\n2,2024-01-02\n", constants={"country": "Iraq", "x": "y"})
    assert {(one.country, one.extra) for one in read.incidents} == {("Iraq", '{"x": "y"}')}
    assert [stretch.country for stretch in read.coverage] == ["", "Iraq"]


def test_without_an_id_column_equal_rows_get_numbers_and_ids_are_stable(
    pulled: Callable[..., Read],
) -> None:
    text = "date,place\n2024-01-01,A\n2024-01-01,A\n2024-01-01,B\n"
    columns = {"date": "date", "admin1": "place"}
    first = [one.source_id for one in pulled(text, columns=columns).incidents]
    again = [one.source_id for one in pulled(text + "2024-01-02,A\n", columns=columns).incidents]
    assert len(set(first)) == 3
    assert first[1] == f"{first[0]}-2"
    assert again[:3] == first


def test_an_id_that_is_empty_or_repeated_or_endless_is_bad(pulled: Callable[..., Read]) -> None:
    rows = ["a", "", "b", "a", "c d", "x" * 301, "\u200b", "c  d"]
    text = "id,date\n" + "".join(f"{cell},2024-01-01\n" for cell in rows)
    read = pulled(text, max_bad_share=0.9)
    assert [one.source_id for one in read.incidents] == ["a", "b", "c d"]
    assert [(bad.line, bad.reason.split(" ")[-1]) for bad in read.bad] == [
        (3, "empty"), (5, "file"), (7, "long"), (8, "empty"), (9, "file"),
    ]  # fmt: skip


def test_a_repeated_id_is_found_across_blocks(
    pulled: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.files.BLOCK", 64)
    text = "id,date\n" + "".join(f"{n % 40},2024-01-01\n" for n in range(45))
    assert [bad.line for bad in pulled(text).bad] == [42, 43, 44, 45, 46]


def test_oddities_are_kept_and_flagged(pulled: Callable[..., Read]) -> None:
    text = (
        "id,date,date_end,low,best,high\n1,2024-01-02,2024-01-01,5,4,3\n2,2024-01-02,,1,2,3\n"
        "3,2024-01-02,2024-01-02,0,0,\n4,2024-01-02,,,2,1\n"
    )
    columns = {
        "id": "id", "date": "date", "date_end": "date_end",
        "low": "low", "fatalities": "best", "high": "high",
    }  # fmt: skip
    flags = [one.flags for one in pulled(text, columns=columns).incidents]
    assert flags == ["end<start,low>best,best>high", None, None, "best>high"]


def test_too_many_bad_rows_refuse_the_whole_and_name_the_first(
    pulled: Callable[..., Read],
) -> None:
    text = "id,date\n1,2024-01-01\n2,01/02/2024\n3,2024-01-03\n"
    with pytest.raises(FeedError) as caught:
        pulled(text)
    assert str(caught.value) == (
        "f.csv: 1 of 3 rows are bad, over the 20% allowed (the first is line 3: date '01/02/2024' "
        "is not iso); correct the columns or the dates setting, or raise max_bad_share"
    )
    assert len(pulled(text, max_bad_share=0.4).incidents) == 2


def test_a_file_without_one_good_row_is_refused_whatever_is_allowed(
    pulled: Callable[..., Read],
) -> None:
    with pytest.raises(FeedError, match="1 of 1 rows are bad"):
        pulled("id,date\n1,never\n", max_bad_share=1)


def test_extra_columns_leave_out_what_is_empty(pulled: Callable[..., Read]) -> None:
    columns = {"id": "id", "date": "date", "b": "b", "a": "a"}
    read = pulled("id,date,a,b\n1,2024-01-01,ü,\n2,2024-01-01,x,y\n", columns=columns)
    assert [one.extra for one in read.incidents] == ['{"a": "ü"}', '{"a": "x", "b": "y"}']


def test_coverage_runs_from_the_first_month_to_each_countrys_last_event(
    pulled: Callable[..., Read],
) -> None:
    text = "id,date,land\n1,2024-01-09,A\n2,2024-03-05,A\n3,2024-02-05,B\n4,2024-04-01,\n"
    columns = {"id": "id", "date": "date", "country": "land"}
    covered = pulled(text, columns=columns).coverage
    assert [(c.country, str(c.first), str(c.through)) for c in covered] == [
        ("", "2024-01-01", "2024-04-01"),
        ("A", "2024-01-01", "2024-03-05"),
        ("B", "2024-02-01", "2024-02-05"),
    ]


EXTRACT = {
    "id": "event_id", "date": "date", "date_end": "date_end", "date_precision": "date_prec",
    "country": "country", "admin1": "admin1", "actor": "actor", "target": "target",
    "kind": "type_of_violence", "fatalities": "fatalities", "latitude": "lat", "longitude": "lon",
    "source": "source", "source_version": "source_version",
}  # fmt: skip


@pytest.mark.realdata
def test_the_tidied_extract_reads_whole_with_each_countrys_own_end(
    real_data: Callable[[str], Path],
) -> None:
    path = real_data("ucdp_ged_extract.csv.gz")
    found = read(path.parent, "csv", path=path.name, columns=EXTRACT)
    assert (len(found.incidents), len(found.bad)) == (44_871, 0)
    assert sum(one.admin1 is None for one in found.incidents) == 402
    ends = {stretch.country: stretch.through for stretch in found.coverage}
    assert len(ends) == 13
    assert (ends["Iraq"], ends["Nigeria"]) == (date(2018, 12, 25), date(2019, 12, 31))
    assert ends[""] == date(2023, 12, 31) < TODAY


def test_garbage_collection_comes_back_whether_a_pull_is_used_up_or_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.files.BLOCK", 64)
    (tmp_path / "f.csv").write_text("date\n" + "2024-01-01\n" * 40)
    settings = settings_class("csv").model_validate(
        {"name": "f", "path": "f.csv", "columns": {"date": "date"}}
    )
    for used in (1, 1_000):
        batches = open_feed(settings, tmp_path).pull(TODAY).batches()
        taken = [gc.isenabled() for _, _ in zip(range(used), batches, strict=False)]
        batches.close()
        assert (any(taken), gc.isenabled()) == (False, True)
