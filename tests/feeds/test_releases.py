"""UCDP's release numbers."""

from datetime import date

import pytest

from feeds.releases import Release, parse_release, release_in

YEARLY_24 = Release(None, date(2023, 12, 31))
OCTOBER = Release(date(2023, 10, 1), date(2023, 10, 31))


@pytest.mark.parametrize(
    ("number", "release"),
    [
        ("24.1", YEARLY_24),
        ("v24_1", YEARLY_24),
        ("17.2", Release(None, date(2016, 12, 31))),
        ("23.0.10", OCTOBER),
        ("23.0.12", Release(date(2023, 12, 1), date(2023, 12, 31))),
        ("24.0.2", Release(date(2024, 2, 1), date(2024, 2, 29))),
        ("26.01.26.06", Release(date(2026, 1, 1), date(2026, 6, 30))),
        ("25.10.26.03", Release(date(2025, 10, 1), date(2026, 3, 31))),
        ("24", None), ("latest", None), ("23.0.13", None), ("24.1.2", None), ("24.0", None),
        ("24.01", None), ("26.06.26.01", None), ("26.01.26.13", None), ("24.1 final", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_number_says_which_days_are_held(number: str, release: Release | None) -> None:
    assert parse_release(number) == release


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("ucdp_candidate_v23_0_10.csv.gz", OCTOBER),
        ("GEDEvent_v24_1.csv", YEARLY_24),
        ("GEDEvent_V23_0_10.CSV", OCTOBER),
        ("ged241.csv", YEARLY_24),
        ("ucdp-24.1.csv", YEARLY_24),
        ("24.1.csv", YEARLY_24),
        ("GEDEvent_v26_01_26_06.csv", Release(date(2026, 1, 1), date(2026, 6, 30))),
        ("hdx_ucdp_nigeria.csv.gz", None),
        ("events_24_10_2023.csv", None),
        ("2023-10-05.csv", None),
        ("export_12.05.2024.csv", None),
        ("export_12.5.2024.csv", None),
        ("export_v12_5_2024.csv", None),
        ("export_1.2.2024.csv", None),
        ("export 24.12.24.csv", None),
        ("export_24.05.csv", None),
        ("tool_v12.05.2024.csv", None),
        ("GEDEvent_v24_1_20240612.csv", YEARLY_24),
        ("GEDEvent_v24_1 (1).csv", YEARLY_24),
        ("GEDEvent_v24_1-20240612.csv", YEARLY_24),
        ("ged2411.csv", None),
    ],
)
def test_a_file_name_tells_its_release(name: str, release: Release | None) -> None:
    assert release_in(name) == release
