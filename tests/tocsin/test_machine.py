"""Room on the disk and a clock that runs forward."""

from datetime import UTC, datetime

import pytest

from tocsin.machine import clock, disk

NOON = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("free", "size", "well"),
    [
        (600_000_000, 1_000, True),
        (400_000_000, 1_000, False),
        (2_000_000_000, 3_000_000_000, False),
        (3_000_000_000, 3_000_000_000, True),
    ],
)
def test_the_disk_needs_room_for_the_database_once_more(free: int, size: int, well: bool) -> None:
    found, words = disk(free, size)
    assert found is well
    assert words.startswith(f"{free / 1e9:.1f} GB free")
    assert ("make room" in words) is not well


@pytest.mark.parametrize(
    ("newest", "well"),
    [
        (None, True),
        ("2024-07-01T11:59:00.000000Z", True),
        ("2024-07-01T12:04:00.000000Z", True),
        ("2024-07-01T12:06:00.000000Z", False),
        ("2034-07-01T12:00:00.000000Z", False),
    ],
)
def test_a_clock_that_has_gone_back_is_told(newest: str | None, well: bool) -> None:
    found, words = clock(NOON, newest)
    assert found is well
    assert words.startswith("2024-07-01 12:00 UTC")
    assert ("has gone back" in words) is not well
