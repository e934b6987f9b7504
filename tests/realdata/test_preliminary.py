"""The real preliminary release of October 2023 against the yearly one, country by country."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.incidents import Coverage
from core.series import Cells, FloatArray
from core.settings import WatchSettings
from feeds.csv_incidents import CsvFeed, CsvSettings
from feeds.ucdp_csv import UcdpCsvFeed, UcdpCsvSettings
from forecast.completion import _posterior
from forecast.delays import _pooled
from forecast.engine import forecast
from forecast.scores import rows
from forecast.series import build
from storage.database import open_database
from storage.incidents import Incidents
from tests.forecast.late_reports import covered_90

pytestmark = pytest.mark.realdata

COUNTRIES = ("Burkina Faso", "Mali", "Mexico", "Niger", "Togo")
"""Those of which the extract holds 2023."""
OCTOBER, PRELIMINARY, YEARLY = (
    date(2023, 10, 31),
    datetime(2023, 11, 20, tzinfo=UTC),
    datetime(2024, 6, 20, tzinfo=UTC),
)
COLUMNS = {
    "id": "event_id", "date": "date", "date_end": "date_end", "date_precision": "date_prec",
    "country": "country", "admin1": "admin1", "actor": "actor", "target": "target",
    "fatalities": "fatalities",
}  # fmt: skip


@pytest.fixture
def store(real_data: Callable[[str], Path], tmp_path: Path) -> Iterator[Incidents]:
    """Hold the preliminary release, replaced half a year later by the yearly one, by id."""
    common = {"name": "ucdp", "max_loss_share": 1.0}
    early = UcdpCsvSettings(
        **common, kind="ucdp-csv", path=str(real_data("ucdp_candidate_v23_0_10.csv.gz"))
    )
    late = CsvSettings(
        **common, kind="csv", path=str(real_data("ucdp_ged_extract.csv.gz")), columns=COLUMNS
    )
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        store = Incidents(database)
        for feed, settings, now in (
            (UcdpCsvFeed(early, tmp_path), early, PRELIMINARY),
            (CsvFeed(late, tmp_path), late, YEARLY),
        ):
            with closing(feed.pull(now.date())) as pull:
                store.load(settings, pull, now)
        yield store


WATCH = WatchSettings.model_validate(
    {
        "name": "countries",
        "feeds": ("ucdp",),
        "group_by": ("country",),
        "where": {"country": COUNTRIES},
        "period": "day",
    }
)


def october(cells: Cells) -> FloatArray:
    """Return (countries, 31) counts of the days of October."""
    first = OCTOBER.toordinal() - 30
    found = np.zeros((len(COUNTRIES), 31))
    known = zip(cells.region.tolist(), cells.period.tolist(), cells.count.tolist(), strict=True)
    for region, day, count in known:
        if day >= first:
            found[COUNTRIES.index(cells.keys[region][0]), day - first] = count
    return found


def test_the_preliminary_october_completed_is_the_yearly_one(store: Incidents) -> None:
    """Each week's days are completed by the shares of the other weeks, in all countries."""
    before = october(store.cells(WATCH, OCTOBER, "2023-11-30T00:00:00.000000Z"))
    after = october(store.cells(WATCH, OCTOBER, None))
    september = date(2023, 9, 30)
    covered = {"ucdp": [Coverage("", date(2018, 1, 1), september)]}
    panel = build(store.cells(WATCH, september, None), covered, WATCH, september).panel
    assert panel.keys == tuple((country,) for country in COUNTRIES)
    prior = next(forecast(panel, 31, ("dynamic-count", "conflictology"))).predictive
    stood, cdf = np.minimum(before, after), prior.cdf.copy()
    for day in range(31):
        others = np.arange(31) // 7 != day // 7
        shares = [
            _pooled(stood[:, others], seen[:, others], WATCH.period) for seen in (before, after)
        ]
        cdf[:, day] = _posterior(prior, day, before[:, day], *shares)
    law = rows(cdf.reshape(after.size, -1), prior.support)
    inside = covered_90(law, after.reshape(-1, 1))
    bias, raw = law.mean().sum() / after.sum() - 1, before.sum() / after.sum() - 1
    print(
        f"{after.size} days, {int(before.sum())} events reported, {int(after.sum())} in the end: "
        f"bias {bias:+.1%} (as reported {raw:+.1%}), 90 % interval covers {inside:.1%}"
    )
    assert abs(raw) > 0.1
    assert abs(bias) < 0.03
    assert 0.85 <= inside <= 0.95
