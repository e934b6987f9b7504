"""Rows and their line numbers, whatever stands in the file."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from feeds import files
from feeds.files import SourceFile
from feeds.records import TextTable

from .conftest import Read


def _rows(path: Path, separator: str = "auto") -> list[tuple[int, list[str]]]:
    table = TextTable(SourceFile(path, 10**9), separator)
    return [
        (line, list(row))
        for _, chunk in table.chunks()
        for line, row in zip(chunk.lines, chunk.rows, strict=True)
    ]


def _dates(read: Read) -> list[str]:
    return [one.date for one in read.incidents]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(separator: str, pulled: Callable[..., Read]) -> None:
    text = "id,date,place\na,2024-01-02,Kabul\n".replace(",", separator)
    assert _dates(pulled(text)) == ["2024-01-02"]


def test_a_configured_separator_wins(pulled: Callable[..., Read]) -> None:
    text = "id|date|a,b,c,d\na|2024-01-02|x\n"
    assert _dates(pulled(text, separator="|")) == ["2024-01-02"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_matter(
    end: str, mark: str, pulled: Callable[..., Read]
) -> None:
    text = mark + end.join(["id,date", "a,2024-01-02", "b,2024-01-03", ""])
    assert _dates(pulled(text)) == ["2024-01-02", "2024-01-03"]


def test_a_bad_rows_line_is_the_one_an_editor_shows(pulled: Callable[..., Read]) -> None:
    text = 'id,date\n"a\n\n",2024-01-02\n\nb,2024-01-03\nc,never\n'
    read = pulled(text, max_bad_share=0.5)
    assert _dates(read) == ["2024-01-02", "2024-01-03"]
    assert [(bad.line, bad.excerpt) for bad in read.bad] == [(7, "c,never")]


def test_a_row_with_too_many_or_too_few_fields_is_bad(pulled: Callable[..., Read]) -> None:
    read = pulled("id,date\na,2024-01-02\nb\nc,2024-01-02,x\n", max_bad_share=0.9)
    assert [(bad.line, bad.reason) for bad in read.bad] == [
        (3, "1 fields, the header has 2"),
        (4, "3 fields, the header has 2"),
    ]


def test_blank_rows_vanish(pulled: Callable[..., Read]) -> None:
    read = pulled("id,date\na,2024-01-02\n , \n,\n\nb,2024-01-03\n", max_bad_share=0)
    assert len(read.incidents) == 2


def test_a_stray_quote_costs_its_own_line_only(pulled: Callable[..., Read]) -> None:
    rows = [f"{n},2024-01-02" for n in range(200)]
    rows[50] = '"50,2024-01-02'
    rows[70] = '7"0,2024-01-02'
    rows[90] = '"9"0,2024-01-02'
    rows[110] = '",2024-01-02'
    rows[130] = 'a,"'
    read = pulled("id,date\n" + "\n".join(rows) + "\n")
    assert len(read.incidents) == 196
    assert [bad.line for bad in read.bad] == [52, 92, 112, 132]
    assert "quote is not closed" in read.bad[0].reason


def test_a_quote_that_is_open_at_the_end_of_the_file_is_bad(pulled: Callable[..., Read]) -> None:
    read = pulled('id,date\na,2024-01-02\nb,"2024-01-03\n', max_bad_share=0.5)
    assert [bad.line for bad in read.bad] == [3]


def test_a_field_without_end_is_bad(pulled: Callable[..., Read]) -> None:
    read = pulled(f"id,date,x\na,2024-01-02,\nb,2024-01-02,{'y' * 200_000}\n", max_bad_share=0.5)
    assert [bad.line for bad in read.bad] == [3]
    assert "131,072" in read.bad[0].reason
    assert len(read.bad[0].excerpt) <= 200


def test_a_file_full_of_broken_quotes_is_refused(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="over 2,000 quotes are never closed"):
        pulled("id,date\n" + 'a,"b"c\n' * 3000, max_bad_share=1)


def test_the_row_of_hxl_tags_is_left_out(pulled: Callable[..., Read]) -> None:
    text = ",id,date\n0,#meta +id,#date+start\n1,a,2024-01-02\n"
    assert pulled(text).bad == []


def test_a_first_row_with_one_hashtag_is_data(pulled: Callable[..., Read]) -> None:
    assert len(pulled("id,date\n#tag,2024-01-02\n").incidents) == 1


def test_a_missing_column_names_the_nearest_and_those_there_are(
    pulled: Callable[..., Read],
) -> None:
    with pytest.raises(FeedError) as caught:
        pulled("event_id,Date\n1,2024-01-01\n", columns={"id": "event_id", "date": "date"})
    line = "f.csv: there is no column 'date'; did you mean 'Date'? the file has event_id, Date"
    assert str(caught.value) == line


def test_a_column_that_stands_there_twice_is_refused(pulled: Callable[..., Read]) -> None:
    with pytest.raises(FeedError, match="column 'date' stands there twice"):
        pulled("id,date,date\n1,2024-01-01,2024-01-02\n")


CELLS = st.text(st.sampled_from(list('ab",\n\r é')), max_size=6)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30), size=st.integers(4, 64))
def test_rows_and_lines_do_not_depend_on_where_blocks_end(
    rows: list[tuple[str, str]], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "f.csv"
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("one", "two"), *rows])
    path.write_bytes(buffer.getvalue().encode())
    whole = _rows(path)
    usual, files.BLOCK = files.BLOCK, size
    try:
        in_blocks = _rows(path)
    finally:
        files.BLOCK = usual
    assert [tuple(row) for _, row in whole] == rows
    assert in_blocks == whole


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    rows=st.binary(max_size=200),
    size=st.integers(1, 32),
    pack=st.booleans(),
)
def test_any_bytes_under_a_header_are_rows_or_one_clear_line(
    rows: bytes, size: int, pack: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    data = b"id,date\n" + rows
    path.write_bytes(gzip.compress(data) if pack else data)
    usual, files.BLOCK = files.BLOCK, size
    try:
        assert all(line > 1 and len(row) == 2 for line, row in _rows(path, ","))
    except FeedError as error:
        assert str(error).startswith("bytes.csv") and str(error).isprintable()  # noqa: PT017, PT018
    finally:
        files.BLOCK = usual
