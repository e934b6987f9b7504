"""The nearest name: what a misspelt one is answered with."""

import pytest

from tocsin.complaints import nearest

REGIONS = ["Afghanistan/Kabul", "Afghanistan/Kunar", "Pakistan/Punjab"]


@pytest.mark.parametrize("name", ["Kabul", "Kabull", "Afganistan/Kabul"])
def test_a_region_is_found_by_its_last_part_and_despite_a_slip(name: str) -> None:
    assert nearest(name, REGIONS, "regions") == "did you mean 'Afghanistan/Kabul'?"


def test_names_far_from_all_get_a_list_that_one_line_bears() -> None:
    assert nearest("zzz", REGIONS, "regions") == f"regions are: {', '.join(REGIONS)}"
    many = [f"region {n:03}" for n in range(500)]
    told = nearest("zzz", many, "regions")
    assert told.endswith("region 011 and 488 more")
    assert nearest("zzz", [], "regions") == "regions are: none"
