"""Counts per region and period: as of when, of which incidents, under which names."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import stamp
from core.errors import InputError
from core.incidents import Tally
from core.periods import Period
from core.regions import UNKNOWN
from core.series import Cells
from core.settings import Aliases
from storage.countable import INDEX
from storage.database import Database, open_database
from storage.incidents import Incidents
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch


def as_dict(cells: Cells) -> dict[tuple[tuple[str, ...], int], int]:
    return {
        (cells.keys[region], int(period)): int(count)
        for region, period, count in zip(cells.region, cells.period, cells.count, strict=True)
    }


def totals(cells: Cells) -> dict[tuple[str, ...], int]:
    found: Counter[tuple[str, ...]] = Counter()
    for (region, _), count in as_dict(cells).items():
        found[region] += count
    return dict(found)


def test_incidents_are_counted_by_region_and_month(store: Incidents) -> None:
    rows = [incident(1), incident(2, "2022-01-31"), incident(3, "2022-02-01")]
    store.load(FEED, ListPull([*rows, incident(4, admin1="Yobe")]), NOW)
    january = Period.MONTH.of(date(2022, 1, 5))
    assert as_dict(store.cells(watch(), CUTOFF, None)) == {
        (("Nigeria", "Borno"), january): 2,
        (("Nigeria", "Borno"), january + 1): 1,
        (("Nigeria", "Yobe"), january): 1,
    }


@pytest.mark.parametrize("period", list(Period))
def test_period_numbers_in_sql_are_those_of_python(database: Database, period: Period) -> None:
    days = [date.fromordinal(n) for n in range(1, date.max.toordinal(), 367)]
    days += [date(2023, 12, 25) + timedelta(n) for n in range(800)]
    days += [date.min, date.max]
    values = ", ".join(f"('{day.isoformat()}')" for day in days)
    sql = f"WITH days (day) AS (VALUES {values}) SELECT day, {INDEX[period].format(day='day')} "
    found = database.rows(f"{sql} FROM days")
    assert found == [(day.isoformat(), period.of(day)) for day in days]
    print(f"{len(days)} dates agree by {period}")


def test_only_events_dated_until_the_cutoff_count(store: Incidents) -> None:
    store.load(FEED, ListPull([incident(1, "2022-09-30"), incident(2, "2022-10-01")]), NOW)
    assert sum(totals(store.cells(watch(), date(2022, 9, 30), None)).values()) == 1
    assert sum(totals(store.cells(watch(), date(2022, 10, 1), None)).values()) == 2
    assert store.cells(watch(), date(2022, 9, 29), None).keys == []


def test_counts_are_those_known_at_the_time(store: Incidents) -> None:
    later, ten = NOW + timedelta(days=7), [incident(n) for n in range(10)]
    store.load(FEED, ListPull(ten), NOW)
    store.load(FEED, ListPull([incident(0, admin1="Yobe"), *ten[1:9]]), later)
    now = {("Nigeria", "Borno"): 8, ("Nigeria", "Yobe"): 1}
    assert totals(store.cells(watch(), CUTOFF, None)) == now
    assert totals(store.cells(watch(), CUTOFF, stamp(later))) == now
    then = {("Nigeria", "Borno"): 10}
    assert totals(store.cells(watch(), CUTOFF, stamp(NOW))) == then
    assert totals(store.cells(watch(), CUTOFF, stamp(later - timedelta(seconds=1)))) == then
    assert totals(store.cells(watch(), CUTOFF, "2022-09-01T00:00:00.000000Z")) == {}


def test_fatalities_are_added_and_unknown_ones_left_out(store: Incidents) -> None:
    rows = [incident(1, fatalities=5), incident(2, fatalities=None), incident(3, fatalities=0)]
    quiet = incident(4, fatalities=None, admin1="Yobe")
    store.load(FEED, ListPull([*rows, quiet]), NOW)
    found = totals(store.cells(watch(measure="fatalities"), CUTOFF, None))
    assert found == {("Nigeria", "Borno"): 5, ("Nigeria", "Yobe"): 0}


@pytest.mark.parametrize(("period", "counted"), [("month", 5), ("week", 3), ("day", 3)])
def test_dates_known_to_the_month_only_count_by_month_only(
    store: Incidents, period: str, counted: int
) -> None:
    store.load(FEED, ListPull([incident(n, date_precision=n) for n in range(1, 6)]), NOW)
    found = totals(store.cells(watch(period=period), CUTOFF, None))
    assert found == {("Nigeria", "Borno"): counted}


def test_a_missing_name_is_the_unknown_region(store: Incidents) -> None:
    rows = [incident(1, admin1=None), incident(2, admin1=UNKNOWN), incident(3, country=None)]
    store.load(FEED, ListPull(rows), NOW)
    found = totals(store.cells(watch(), CUTOFF, None))
    assert found == {("Nigeria", UNKNOWN): 2, (UNKNOWN, "Borno"): 1}


def test_aliases_bring_spellings_together(store: Incidents) -> None:
    spellings = ["Nineveh", "NINEWA", "Ninawa ", "ｎｉｎａｗａ"]
    rows = [incident(n, admin1=name) for n, name in enumerate(spellings)]
    store.load(FEED, ListPull(rows), NOW)
    store.set_aliases(Aliases(admin1={"Nineveh": ("Ninewa", "ninawa")}))
    assert totals(store.cells(watch(), CUTOFF, None)) == {("Nigeria", "Nineveh"): 4}
    store.set_aliases(Aliases())
    assert len(store.cells(watch(), CUTOFF, None).keys) == 4


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ({"actor": "IS*"}, {"1"}),
        ({"actor": "is*"}, set()),
        ({"actor": ("ISWAP", "JAS")}, {"1", "4"}),
        ({"actor": "Islamic State"}, {"2", "5"}),
        ({"actor": "Daesh"}, set()),
        ({"actor": UNKNOWN}, {"3"}),
        ({"actor": "*"}, {"1", "2", "3", "4", "5"}),
        ({"actor": "Is*", "country": "N*"}, {"2"}),
        ({"weapon": "IED"}, {"2"}),
        ({"actor": "I[!S]*"}, {"2", "5"}),
        ({"actor": "' OR 1 --"}, set()),
    ],
)
def test_where_keeps_what_matches_by_canonical_name(
    store: Incidents, where: dict[str, object], counted: set[str]
) -> None:
    store.set_aliases(Aliases(actor={"Islamic State": ("Daesh",)}))
    rows = [
        *(
            incident(1, target="1"),
            incident(2, actor="Daesh", target="2", extra='{"weapon":"IED"}'),
        ),
        *(incident(3, actor=None, target="3"), incident(4, actor="JAS", target="4")),
        incident(5, actor="DAESH", country="Cameroon", target="5"),
    ]
    store.load(FEED, ListPull(rows), NOW)
    cells = store.cells(watch(where=where, group_by=["target"]), CUTOFF, None)
    assert {key for (key,) in cells.keys} == counted


def test_a_mapped_column_can_be_grouped_by(store: Incidents) -> None:
    extras = ['{"weapon of choice": "IED"}', '{"weapon of choice": 7}', "{}", None]
    rows = [incident(n, extra=extra) for n, extra in enumerate(extras)]
    store.load(FEED, ListPull(rows), NOW)
    found = totals(store.cells(watch(group_by=["weapon of choice"]), CUTOFF, None))
    assert found == {("IED",): 1, ("7",): 1, (UNKNOWN,): 2}


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("contry", "its feeds have no column 'contry'"),
        ('x" OR 1 --', "no column can be named"),
        ("region", "its feeds have no column 'region'"),
    ],
)
def test_a_column_that_is_not_there_is_refused(store: Incidents, column: str, said: str) -> None:
    store.load(FEED, ListPull([incident(1)]), NOW)
    with pytest.raises(InputError, match="watch 'provinces'") as caught:
        store.cells(watch(group_by=[column]), CUTOFF, None)
    assert said in caught.value.line()


def test_counts_are_added_by_region_and_period(store: Incidents) -> None:
    tallies = [Tally("Borno", "2022-01-03", 4), Tally("Borno", "2022-01-10", 5)]
    store.load(FEED, ListPull(tallies=[*tallies, Tally("Yobe", "2022-02-01", 1)]), NOW)
    found = totals(store.cells(watch(group_by=["region"]), CUTOFF, None))
    assert found == {("Borno",): 9, ("Yobe",): 1}
    narrow = watch(group_by=["region"], where={"region": "B*"}, period="week")
    assert totals(store.cells(narrow, CUTOFF, None)) == {("Borno",): 9}


@pytest.mark.parametrize(
    "wrong",
    [{"group_by": ["country"]}, {"where": {"actor": "IS*"}}, {"measure": "fatalities"}],
)
def test_counts_know_nothing_but_their_region(store: Incidents, wrong: dict[str, object]) -> None:
    store.load(FEED, ListPull(tallies=[Tally("Borno", "2022-01-03", 4)]), NOW)
    with pytest.raises(InputError, match="its feeds give counts, which have no"):
        store.cells(watch(**({"group_by": ["region"]} | wrong)), CUTOFF, None)


def test_a_watch_never_adds_counts_to_incidents(store: Incidents) -> None:
    tally = FEED.model_copy(update={"name": "tally"})
    store.load(FEED, ListPull([incident(1)]), NOW)
    store.load(tally, ListPull(tallies=[Tally("Borno", "2022-01-03", 4)]), NOW)
    with pytest.raises(InputError, match="mixes feeds of incidents with feeds of counts"):
        store.cells(watch(feeds=["tracker", "tally"]), CUTOFF, None)
    assert totals(store.cells(watch(), CUTOFF, None)) == {("Nigeria", "Borno"): 1}


def test_a_watch_counts_its_own_feeds_only(store: Incidents) -> None:
    other = FEED.model_copy(update={"name": "other"})
    store.load(FEED, ListPull([incident(1)]), NOW)
    store.load(other, ListPull([incident(1), incident(2)]), NOW)
    both = watch(feeds=["tracker", "other"])
    assert totals(store.cells(both, CUTOFF, None)) == {("Nigeria", "Borno"): 3}
    assert totals(store.cells(watch(), CUTOFF, None)) == {("Nigeria", "Borno"): 1}
    assert store.cells(watch(feeds=["nothing-yet"]), CUTOFF, None).keys == []


NAMES = st.sampled_from(["Borno", "borno", "BORNO ", "Yobe", "O'Brien", 'a"b', "x/y", None])
EVENTS = st.lists(st.tuples(NAMES, st.dates(date(2020, 12, 20), date(2021, 2, 10))), max_size=30)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(events=EVENTS, period=st.sampled_from(list(Period)))
def test_any_incidents_are_counted_as_python_counts_them(
    tmp_path_factory: pytest.TempPathFactory,
    events: list[tuple[str | None, date]],
    period: Period,
) -> None:
    with open_database(tmp_path_factory.mktemp("c") / "tocsin.db", mode="own") as database:
        store = Incidents(database)
        store.set_aliases(Aliases(admin1={"Borno": ("BORNO",)}))
        rows = [incident(n, d.isoformat(), admin1=name) for n, (name, d) in enumerate(events)]
        store.load(FEED, ListPull(rows), NOW)
        found = as_dict(store.cells(watch(period=period, group_by=["admin1"]), CUTOFF, None))
    shown = {"borno": "Borno", "BORNO ": "Borno", None: UNKNOWN}
    expected = Counter(((shown.get(name, name),), period.of(day)) for name, day in events)
    assert found == dict(expected)


def test_the_middle_of_a_regions_incidents_is_found_where_neighbours_are_looked_at(
    store: Incidents,
) -> None:
    rows = [
        incident(1, latitude=10.0, longitude=12.0),
        incident(2, latitude=12.0, longitude=13.0),
        incident(3, latitude=None, longitude=None),
        incident(4, admin1="Yobe", latitude=None, longitude=None),
    ]
    store.load(FEED, ListPull(rows), NOW)
    asked = watch(models=("dynamic-count", "neighbours"))
    cells = store.cells(asked, CUTOFF, None)
    assert cells.places == {("Nigeria", "Borno"): (11.0, 12.5)}
    assert cells.until(0).places == cells.places
    alone = watch(models=("dynamic-count",))
    assert store.cells(alone, CUTOFF, None).places == {}
