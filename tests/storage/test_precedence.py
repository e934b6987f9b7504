"""Where two feeds hold the same events, one of them counts."""

from collections import Counter
from datetime import date

import pytest

from core.incidents import Coverage
from core.periods import Period
from core.regions import ABROAD, UNKNOWN, RegionKey
from core.series import Cells
from core.settings import Aliases, FeedSettings
from storage.incidents import Incidents
from storage.precedence import Owners
from tests.storage.samples import CUTOFF, FEED, NOW, ListPull, incident, watch

YEARLY = FeedSettings(name="yearly", kind="ucdp-csv")
MONTHLY = FeedSettings(name="monthly", kind="ucdp-csv")
BOTH = {"feeds": ("yearly", "monthly"), "group_by": ["country"]}
TRUSTED = {**BOTH, "precedence": ("yearly", "monthly")}


def by_month(cells: Cells) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    rows = zip(cells.region.tolist(), cells.period.tolist(), cells.count.tolist(), strict=True)
    for region, period, count in rows:
        found[cells.keys[region][0], Period.MONTH.label(period)] += count
    return dict(found)


@pytest.fixture
def two_sources(store: Incidents) -> Incidents:
    """The yearly release until June; the monthly one from April to September, with more."""
    yearly = [incident(n, f"2022-0{n}-10") for n in range(1, 7)]
    monthly = [incident(f"{n}{k}", f"2022-0{n}-1{k}") for n in range(4, 10) for k in range(2)]
    store.load(YEARLY, ListPull(yearly, through=date(2022, 6, 30)), NOW)
    store.load(MONTHLY, ListPull(monthly, first=date(2022, 4, 1)), NOW)
    return store


def test_without_precedence_feeds_are_added_up(two_sources: Incidents) -> None:
    found = by_month(two_sources.cells(watch(**BOTH), CUTOFF, None))
    assert [found["Nigeria", f"2022-0{month}"] for month in range(1, 10)] == [
        *(1, 1, 1, 3, 3, 3, 2, 2, 2)
    ]


def test_each_period_is_counted_from_the_first_feed_that_covers_it(
    two_sources: Incidents,
) -> None:
    found = by_month(two_sources.cells(watch(**TRUSTED), CUTOFF, None))
    assert [found["Nigeria", f"2022-0{month}"] for month in range(1, 10)] == [
        *(1, 1, 1, 1, 1, 1, 2, 2, 2)
    ]
    turned = {**TRUSTED, "precedence": ("monthly", "yearly")}
    found = by_month(two_sources.cells(watch(**turned), CUTOFF, None))
    # The monthly feed's first stretch may begin inside its period, and so it covers April.
    assert [found["Nigeria", f"2022-0{month}"] for month in range(1, 10)] == [
        *(1, 1, 1, 2, 2, 2, 2, 2, 2)
    ]


def test_a_yearly_release_replaces_the_rows_of_the_same_id(store: Incidents) -> None:
    candidate = [incident(n, fatalities=3) for n in range(10)]
    store.load(FEED, ListPull(candidate), NOW)
    report = store.load(FEED, ListPull([incident(0, fatalities=9), *candidate[1:9]]), NOW)
    assert (report.added, report.revised, report.deleted, report.unchanged) == (0, 1, 1, 8)
    found = store.cells(watch(measure="fatalities"), CUTOFF, None)
    assert found.count.tolist() == [9 + 8 * 3]


def stretch(first: str, through: str, country: str = "") -> Coverage:
    return Coverage(country, date.fromisoformat(first), date.fromisoformat(through))


@pytest.mark.parametrize(
    ("yearly", "monthly", "owner"),
    [
        ([stretch("2020-01-01", "2022-12-31")], [stretch("2020-01-01", "2023-06-30")], "yearly"),
        ([stretch("2020-01-01", "2022-05-14")], [stretch("2020-01-01", "2023-06-30")], "monthly"),
        ([stretch("2020-01-01", "2022-05-14")], [stretch("2020-01-01", "2022-05-20")], "monthly"),
        ([stretch("2020-01-01", "2022-05-14")], [stretch("2020-01-01", "2022-05-14")], "yearly"),
        ([stretch("2020-01-01", "2022-05-14")], [], "yearly"),
        ([], [stretch("2020-01-01", "2020-01-02")], "monthly"),
        ([], [], "yearly"),
        ([stretch("2020-01-01", "2023-01-01", "Mali")], [stretch("2020-01-01", "2022-05-31")],
         "monthly"),
        ([stretch("2020-01-01", "2022-03-31", "Nigeria"), stretch("2020-01-01", "2023-01-01")],
         [stretch("2020-01-01", "2022-05-31")], "monthly"),
        ([stretch("2020-01-01", "2022-04-30"), stretch("2022-05-02", "2023-01-01")],
         [stretch("2020-01-01", "2022-05-31")], "monthly"),
    ],
)  # fmt: skip
def test_the_owner_of_a_countrys_month_follows_this_table(
    yearly: list[Coverage], monthly: list[Coverage], owner: str
) -> None:
    owners = Owners(watch(**TRUSTED), {"yearly": yearly, "monthly": monthly})
    may = Period.MONTH.of(date(2022, 5, 1))
    counting = [feed for feed in ("yearly", "monthly") if owners.counts(feed, "Nigeria", may)]
    assert counting == [owner], "exactly one"


def test_coverage_follows_the_names_under_which_countries_are_counted(store: Incidents) -> None:
    class Zaire(ListPull):
        def coverage(self) -> list[Coverage]:
            return [
                stretch("1990-01-01", "1997-05-16", "Zaire"),
                stretch("1997-05-17", "2022-09-30", "COD"),
                stretch("2000-01-01", "2020-09-30", "NGA"),
            ]

    store.load(FEED, Zaire([incident(1, country="COD"), incident(2, country="NGA")]), NOW)
    store.set_aliases(Aliases(country={"DR Congo": ("Zaire", "COD")}))
    assert store.coverage(["tracker"], None) == {
        "tracker": [
            stretch("1990-01-01", "2022-09-30", "DR Congo"),
            stretch("2000-01-01", "2020-09-30", "Nigeria"),
        ]
    }
    found = store.cells(watch(group_by=["country"]), CUTOFF, None)
    assert found.keys == [("DR Congo",), ("Nigeria",)]


@pytest.mark.parametrize("code", ["NGA", "Nigeria", "N*"])
def test_a_country_is_chosen_by_code_or_by_name(store: Incidents, code: str) -> None:
    rows = [incident(1), incident(2, country="NGA"), incident(3, country="Mali")]
    store.load(FEED, ListPull(rows), NOW)
    found = store.cells(watch(where={"country": code}, group_by=["country"]), CUTOFF, None)
    assert (found.keys, found.count.sum()) == ([("Nigeria",)], 2)


def test_an_actor_abroad_is_a_series_of_its_own(store: Incidents) -> None:
    where = ["Nigeria", "Nigeria", "Niger", "Chad", "Chad", None]
    rows = [incident(n, country=country) for n, country in enumerate(where)]
    rows.append(incident("home", actor="Vigilantes"))
    store.load(FEED, ListPull(rows), NOW)
    cells = store.cells(watch(group_by=["actor", "country"], home="NGA"), CUTOFF, None)
    found: dict[RegionKey, int] = dict(zip(cells.keys, cells.count.tolist(), strict=True))
    assert found == {
        ("ISWAP", "Nigeria"): 2,
        ("ISWAP", "Niger"): 1,
        ("ISWAP", "Chad"): 2,
        ("ISWAP", UNKNOWN): 1,
        ("ISWAP", ABROAD): 3,
        ("Vigilantes", "Nigeria"): 1,
    }
    assert cells.keys == sorted(cells.keys)
