"""Tables are made once per run, and again when a run or a person changes them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.clock import SystemClock, stopwatch
from core.errors import FailedError
from tests.acceptance.town import QUIET, RISING, Town
from tocsin.config import load
from tocsin.web import making
from tocsin.web import tables as module
from tocsin.web.bubbles import drawing
from tocsin.web.desk import Desk
from tocsin.web.selection import SORTS, Selection, page_after
from tocsin.web.tables import Tables


def tables(folder: Path) -> Tables:
    config = load(folder / "config.toml")
    return Tables(Desk(config, config.database, SystemClock()))


def test_a_table_is_made_once_until_a_run_brings_another(copied: Callable[[str], Path]) -> None:
    folder = copied("[web]\n")
    made = tables(folder)
    (watch, _) = made.desk.config.watches
    first = made.of(watch)
    assert first
    assert made.refresh(watch) == made.newest(watch)
    assert made.of(watch) is first
    town = Town(folder)
    town.record({"Calm": QUIET, "Storm": [*RISING[:-1], 15]})
    assert town.tocsin("run").code == 4  # a copy of a town forecasts, and sends nothing
    assert made.of(watch) is first  # until somebody looks
    second = made.refresh(watch)
    assert second
    assert second.table.head.run.run_id > first.head.run.run_id
    assert made.of(watch) is second.table


def test_a_word_of_an_analyst_makes_it_anew(copied: Callable[[str], Path]) -> None:
    folder = copied("[web]\n")
    made = tables(folder)
    (watch, _) = made.desk.config.watches
    first = made.of(watch)
    town = Town(folder)
    (alert,) = town.tocsin("alerts", "list", "--format", "json").data
    ended = town.tocsin("alerts", "resolve", alert["alert"], "--by", "ann", "--note", "over")
    assert ended.code == 0, ended.err
    second = made.refresh(watch)
    assert first
    assert second
    assert [one.gist.state for one in second.table.rows] == ["", ""]
    assert [one.gist.state for one in first.rows] == ["firing", ""]


def test_what_a_person_says_counts_no_incident_anew(copied: Callable[[str], Path]) -> None:
    folder = copied("[web]\n")
    made = tables(folder)
    (watch, _) = made.desk.config.watches
    first = made.newest(watch)
    town = Town(folder)
    (alert,) = town.tocsin("alerts", "list", "--format", "json").data
    town.tocsin("alerts", "resolve", alert["alert"], "--by", "ann", "--note", "over")
    second = made.refresh(watch)
    assert first
    assert second
    assert second.table is not first.table
    assert second.ground is first.ground


def test_a_process_makes_the_same_table_as_this_one(
    past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tables(past)
    (watch, _) = here.desk.config.watches
    monkeypatch.setattr(making, "MANY", 1)
    apart = tables(past)
    one, other = here.newest(watch), apart.newest(watch)
    assert one
    assert other
    assert (other.table.head, other.table.rows) == (one.table.head, one.table.rows)
    assert other.table.version == one.table.version
    assert other.ground.places == one.ground.places
    assert other.map == drawing(one.table.regions, one.ground.places.known)
    assert other.ground.backdrop.counts.tobytes() == one.ground.backdrop.counts.tobytes()
    day = date(2024, 7, 1)
    assert apart.of(watch, day).rows == here.of(watch, day).rows  # type: ignore[union-attr]


def test_a_table_that_cannot_be_made_is_not_tried_at_every_question(
    past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tables(past)
    (watch, _) = made.desk.config.watches
    monkeypatch.setattr(making, "MANY", 1)
    monkeypatch.setattr(making, "DEADLINE_SECONDS", 0)
    with pytest.raises(FailedError, match="the table of watch provinces: has told nothing for 0 s"):
        made.newest(watch)
    monkeypatch.setattr(making, "DEADLINE_SECONDS", 60)
    with pytest.raises(FailedError, match="has told nothing"):
        made.newest(watch)
    monkeypatch.setattr(module, "stopwatch", lambda: stopwatch() + module._AGAIN_SECONDS)
    assert made.newest(watch)


def test_who_asks_while_a_table_is_made_is_not_held_for_long(
    past: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tables(past)
    (watch, _) = made.desk.config.watches
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    with (
        made._making,
        pytest.raises(FailedError, match="watch provinces is being made; ask again"),
    ):
        made.newest(watch)


def test_a_past_day_is_kept_apart_from_the_newest(past: Path) -> None:
    made = tables(past)
    (watch, _) = made.desk.config.watches
    then = made.of(watch, date(2024, 7, 1))
    assert then
    assert made.of(watch, date(2024, 7, 1)) is then
    assert made.of(watch) is not then
    assert made.of(watch, date(2000, 1, 1)) is None


def test_every_order_holds_every_row_once_and_pages_meet(past: Path) -> None:
    made = tables(past)
    (watch, _) = made.desk.config.watches
    table = made.of(watch)
    assert table
    for sort in SORTS:
        order = Selection(sort=sort).of(table)
        assert order.keys == sorted(order.keys)
        first, key = page_after(order, None, 1)
        second, end = page_after(order, key, 1)
        assert [*first, *second] == order.rows
        assert end is None
