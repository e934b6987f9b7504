"""Sensitive columns are dropped on the way in, wherever they could hide."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FeedError
from core.incidents import BadRow, Batch
from core.settings import FeedSettings
from feeds.csv_incidents import CsvFeed, CsvSettings
from feeds.registry import KINDS, open_feed, settings_class
from feeds.sensitive import without
from feeds.simulated import SimulatedFeed, SimulatedSettings

CANARY = "Dr Amina Yusuf"
TODAY = date(2024, 7, 1)
COLUMNS = {"id": "id", "date": "date", "country": "land", "target": "who", "note": "note"}


def pulled(folder: Path, rows: str, sensitive: list[str], **keys: object) -> Batch:
    (folder / "f.csv").write_text(f"id,date,land,who,note\n{rows}", encoding="utf-8")
    given = {"name": "t", "path": "f.csv", "columns": COLUMNS, "sensitive": sensitive, **keys}
    pull = CsvFeed(CsvSettings.model_validate(given), folder).pull(TODAY)
    (batch,) = pull.batches()
    return batch


def test_a_sensitive_column_is_in_no_incident(tmp_path: Path) -> None:
    rows = f"1,2024-01-02,Chad,{CANARY},seen by {CANARY}\n"
    batch = pulled(tmp_path, rows, ["target", "note"])
    assert CANARY not in repr(batch)
    (row,) = batch.incidents
    assert (row.source_id, row.country, row.target, row.extra) == ("1", "Chad", None, None)


def test_other_columns_stay(tmp_path: Path) -> None:
    batch = pulled(tmp_path, f"1,2024-01-02,Chad,{CANARY},calm\n", ["target"])
    assert json.loads(batch.incidents[0].extra or "") == {"note": "calm"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"1,{CANARY},Chad,x,y", "date (withheld) is not iso"),
        (f"1,2024-01-02,Chad,{CANARY}", "4 fields, the header has 5"),
        (f'1,2024-01-02,Chad,"{CANARY}"x,y', "a quote is not closed"),
        (f"1,2024-01-02,Chad,{'x' * 301}{CANARY},y", "target (withheld) has 315 characters"),
    ],
)
def test_a_bad_row_keeps_its_reason_and_none_of_its_text(
    tmp_path: Path, row: str, reason: str
) -> None:
    batch = pulled(tmp_path, f"2,2024-01-02,Chad,x,y\n{row}\n", ["target"], max_bad_share=0.5)
    (bad,) = batch.bad
    assert bad.reason.startswith(reason)
    assert bad.excerpt == "(withheld)"
    assert CANARY not in repr(batch)


def test_a_refusal_does_not_quote_a_row_either(tmp_path: Path) -> None:
    with pytest.raises(FeedError) as refused:
        pulled(tmp_path, f"1,{CANARY},Chad,x,y\n", ["target"])
    assert CANARY not in refused.value.line()
    assert "date (withheld) is not iso" in refused.value.line()


def test_without_sensitive_columns_a_batch_stays_as_it_is() -> None:
    batch = Batch([], [], [BadRow(1, "date 'x' is not iso", "x")])
    assert without(batch, ()) is batch


def test_a_feed_without_a_file_drops_them_too(tmp_path: Path) -> None:
    settings = SimulatedSettings(name="story", sensitive=("actor",))
    (batch,) = SimulatedFeed(settings, tmp_path).pull(date(2022, 10, 1)).batches()
    assert {row.actor for row in batch.incidents} == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_dropped_belongs_to_a_pulls_digest_and_what_is_said_of_it_does_not(
    kind: str, tmp_path: Path
) -> None:
    """So that a column that has become sensitive is read again, and a licence changes no row."""
    path = "f.xlsx" if kind == "excel" else "f.csv"
    given = {"name": "f", "kind": kind, **({} if kind == "simulated" else {"path": path})}
    given |= {"columns": {"date": "date"}} if kind in {"csv", "excel"} else {}
    plain = settings_class(kind).model_validate(given)
    dropped = settings_class(kind).model_validate({**given, "sensitive": ["actor"]})
    licensed = settings_class(kind).model_validate({**given, "licence": "ours", "share": "none"})
    (tmp_path / path).write_text("date\n2022-01-01\n", encoding="utf-8")

    def digest(settings: FeedSettings) -> str:
        return open_feed(settings, tmp_path).pull(date(2022, 10, 1)).digest

    assert digest(dropped) != digest(plain) == digest(licensed)


CELL = st.text(alphabet="\",;\n'x1- ", max_size=6)


@given(st.lists(st.tuples(CELL, CELL), min_size=5, max_size=5), st.integers(3, 4))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_stands_around_it_a_sensitive_text_gets_nowhere(
    tmp_path_factory: pytest.TempPathFactory, around: list[tuple[str, str]], place: int
) -> None:
    """Quotes, separators and line breaks may push a text into any column of its row."""
    cells = ["1", "2024-01-02", "Chad", "x", "y"]
    cells[place] = f"{around[place][0]}{CANARY}{around[place][1]}"
    row = ",".join([*cells[:place], *(f'"{cells[n]}"' for n in range(place, 5))])
    folder = tmp_path_factory.mktemp("hostile")
    try:
        rows = f"2,2024-01-02,Chad,x,y\n{row}\n"
        told = repr(pulled(folder, rows, ["target", "note"], max_bad_share=0.9).bad)
    except FeedError as refused:
        told = refused.line()
    assert CANARY not in told
