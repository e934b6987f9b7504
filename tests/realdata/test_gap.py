"""The gap in the real Iraq counts is a gap in the series, and forecasts go around it."""

import gzip
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.periods import Period
from core.settings import WatchSettings
from feeds.csv_counts import CountsCsvFeed, CountsCsvSettings
from forecast.engine import forecast
from forecast.series import Built, build
from storage.database import open_database
from storage.incidents import Incidents

pytestmark = pytest.mark.realdata

LAST_BEFORE, FIRST_AFTER, END = date(2006, 9, 30), date(2007, 2, 1), date(2008, 7, 5)
GAP = (LAST_BEFORE + timedelta(1), FIRST_AFTER - timedelta(1))
NOW = datetime(2008, 7, 6, tzinfo=UTC)


@pytest.fixture
def made(real_data: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Built]:
    path = real_data("iraq_daily_attacks.csv.gz")

    def make(period: str) -> Built:
        settings = CountsCsvSettings(
            name="iraq",
            path=str(path),
            columns={"count": "incidents"},
            gaps=(GAP,),
            covered_through="last-event",
        )
        keys = {"name": "w", "feeds": ("iraq",), "group_by": ("region",), "period": period}
        watch = WatchSettings.model_validate(keys)
        with open_database(tmp_path / "tocsin.db", mode="own") as database:
            store = Incidents(database)
            with closing(CountsCsvFeed(settings, tmp_path).pull(NOW.date())) as pull:
                store.load(settings, pull, NOW)
            cells = store.cells(watch, NOW.date(), None)
            return build(cells, store.coverage(["iraq"], None), watch, NOW.date())

    return make


def told(path: Path, period: Period) -> Counter[tuple[str, int]]:
    """Return the file's own counts, read without the program."""
    found: Counter[tuple[str, int]] = Counter()
    for line in gzip.decompress(path.read_bytes()).decode().splitlines()[1:]:
        region, day, count = line.split(",")
        found[region, period.of(date.fromisoformat(day))] += int(count)
    return found


def whole(period: Period, index: int) -> bool:
    """Return whether the source was collecting on every day of a period."""
    days = range(period.start(index).toordinal(), period.end(index).toordinal() + 1)
    first, last = GAP[0].toordinal(), GAP[1].toordinal()
    return not any(first <= day <= last for day in days) and max(days) <= END.toordinal()


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_the_gap_is_unknown_and_every_other_period_exact(
    made: Callable[[str], Built], real_data: Callable[[str], Path], period: Period
) -> None:
    panel = made(period.value).panel
    counts = told(real_data("iraq_daily_attacks.csv.gz"), period)
    assert len(panel) == 18
    unknown = exact = 0
    for row, (key,) in enumerate(panel.keys):
        first = int(panel.ends[row]) - panel.counts.shape[1] + 1
        for column, count in enumerate(panel.counts[row]):
            index = first + column
            # The first week is cut by the file's start; what a source holds starts there.
            if whole(period, index):
                assert count == counts[key, index], (key, period.label(index))
                exact += 1
            else:
                assert np.isnan(count), (key, period.label(index))
                unknown += 1
    days = (GAP[1] - GAP[0]).days + 1
    cut = days if period is Period.DAY else -(-(days + GAP[0].weekday()) // 7)
    assert unknown == 18 * cut
    print(f"{period}: {exact} counts exact, {unknown} unknown ({cut} {period}s of each region)")


@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_forecasts_go_around_the_gap(made: Callable[[str], Built], period: Period) -> None:
    panel = made(period.value).panel
    (outlook,) = forecast(panel, 4, ("dynamic-count", "conflictology"))
    year = panel.counts[:, -period.year_length :]
    level, expected = np.nanmean(year, axis=1), outlook.predictive.mean()[:, 0]
    assert set(outlook.notes) == {""}
    assert np.all(expected > 0)
    busy = level > 1
    assert np.all(expected[busy] < 3 * level[busy])
    zeros = replace(panel, counts=np.nan_to_num(panel.counts, nan=0.0))
    (filled,) = forecast(zeros, 4, ("dynamic-count", "conflictology"))
    assert not np.array_equal(filled.predictive.cdf, outlook.predictive.cdf)
