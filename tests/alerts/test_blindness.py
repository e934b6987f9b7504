"""Whether the service is blind: a table of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.blindness import Sight, sight

LAST = datetime(2026, 3, 9, 6, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = LAST + DAY
HOUR = 3600


@pytest.mark.parametrize(
    ("last", "due", "following", "now", "found"),
    [
        (None, None, None, DUE, Sight.NEVER_RAN),
        (LAST, DUE, DUE + DAY, DUE - timedelta(seconds=1), Sight.SEES),
        (LAST, DUE, DUE + DAY, DUE, Sight.WAITS),
        (LAST, DUE, DUE + DAY, DUE + DAY / 4, Sight.BLIND),
        (LAST, DUE, DUE + DAY, DUE + 30 * DAY, Sight.BLIND),
        (LAST, DUE, DUE + timedelta(hours=1), DUE + timedelta(minutes=59), Sight.WAITS),
        (LAST, DUE, DUE + timedelta(hours=1), DUE + timedelta(hours=1), Sight.BLIND),
        (LAST, DUE, None, DUE + timedelta(hours=1), Sight.BLIND),
        (LAST, None, None, DUE + 30 * DAY, Sight.SEES),
    ],
)
def test_a_run_that_is_late_for_longer_than_a_cycle_may_take_is_blindness(
    last: datetime | None,
    due: datetime | None,
    following: datetime | None,
    now: datetime,
    found: Sight,
) -> None:
    assert sight(last, due, following, HOUR, now) is found
