"""Packed rows: nothing is lost, and next to nothing is left for the collector to look through."""

import gc
import pickle

from tests.tocsin.sheets_of import sheet
from tocsin.web.packed import packed
from tocsin.web.selection import SORTS

ALERT = {"id": "al_1", "rule": "r", "severity": "severe", "since": "s", "state": "firing"}


def test_a_row_comes_back_as_it_was() -> None:
    (row,) = sheet(["Ñandú – 北京"]).rows
    assert packed(row).row() == row


def test_the_gist_says_what_the_row_says() -> None:
    (row,) = sheet(["Straße"]).rows
    gist = packed({**row, "alert": ALERT}).gist
    assert (gist.region, gist.folded, gist.state) == ("Straße", "strasse", "firing")
    assert gist.probability == row["rules"][0]["probability"]
    assert (gist.tempo, gist.baseline) == (row["tempo"]["count"], row["baseline"]["mean"])
    assert (gist.through, gist.age) == (row["data_as_of"], row["data_age_days"])
    assert gist.expected == row["forecast"][0]["mean"]


def test_a_row_that_knows_little_has_a_place_in_every_order() -> None:
    (row,) = sheet(["Quiet"]).rows
    bare = packed({**row, "forecast": [], "rules": [], "tempo": {"period": "p", "count": None}})
    assert (bare.gist.expected, bare.gist.probability, bare.gist.tempo) == (None, None, None)
    for key in SORTS.values():
        assert key(bare.gist) <= key(bare.gist)


def test_rows_leave_the_collector_two_objects_each() -> None:
    rows = [packed(row) for row in sheet([f"Region {n}" for n in range(200)]).rows]
    wire = pickle.dumps(rows)
    gc.collect()
    before = len(gc.get_objects())
    taken = pickle.loads(wire)
    gc.collect()  # tuples of plain values are forgotten
    assert len(gc.get_objects()) - before <= 2 * len(taken) + 50
