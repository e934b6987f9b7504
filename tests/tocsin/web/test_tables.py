"""Tables are made once per run, and again when a run or a person changes them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from core.clock import SystemClock
from tests.acceptance.town import QUIET, RISING, Town
from tocsin.config import load
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
    assert made.refresh(watch) is first
    town = Town(folder)
    town.record({"Calm": QUIET, "Storm": [*RISING[:-1], 15]})
    assert town.tocsin("run").code == 4  # a copy of a town forecasts, and sends nothing
    assert made.of(watch) is first  # until somebody looks
    second = made.refresh(watch)
    assert second
    assert second.sheet.run.run_id > first.sheet.run.run_id
    assert made.of(watch) is second


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
    assert [row["alert"] is None for row in second.rows] == [True, True]
    assert [row["alert"] is None for row in first.rows] == [False, True]


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
