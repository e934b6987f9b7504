"""Keys and what is shown of them belong together, whatever the names hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.regions import ALL, RegionKey, is_total, label, name_in, parse

NAMES = st.text(alphabet="aé/\\ ", max_size=5)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (("Nigeria",), "Nigeria"),
        (("Nigeria", "Borno state"), "Nigeria/Borno state"),
        (("AC/DC", "x"), r"AC\/DC/x"),
        (("back\\", "slash"), r"back\\/slash"),
    ],
)
def test_a_key_is_shown_and_read_back(key: RegionKey, shown: str) -> None:
    assert label(key) == shown
    assert parse(shown) == key


@settings(max_examples=500, derandomize=True)
@given(st.lists(NAMES, min_size=1, max_size=4).map(tuple))
def test_every_key_is_read_back(key: RegionKey) -> None:
    assert parse(label(key)) == key


@settings(max_examples=300, derandomize=True)
@given(*[st.lists(NAMES, min_size=1, max_size=3).map(tuple)] * 2)
def test_two_keys_never_share_a_label(one: RegionKey, other: RegionKey) -> None:
    assert (label(one) == label(other)) == (one == other)


def test_a_lone_backslash_that_a_person_typed_is_itself() -> None:
    assert parse(r"a\b/c") == (r"a\b", "c")


def test_a_key_shorter_than_the_watch_is_a_total_and_so_is_the_whole() -> None:
    columns = ("country", "admin1")
    assert is_total(("Nigeria",), columns)
    assert is_total(ALL, columns)
    assert is_total(ALL, ("country",))
    assert not is_total(("Nigeria", "Borno"), columns)
    assert not is_total(("Nigeria",), ("country",))


@pytest.mark.parametrize(
    ("key", "columns", "name"),
    [
        (("Nigeria", "Borno"), ("country", "admin1"), "Nigeria"),
        (("Nigeria",), ("country", "admin1"), "Nigeria"),
        (("IS", "Nigeria"), ("actor", "country"), "Nigeria"),
        (("IS",), ("actor", "country"), ""),
        (ALL, ("country",), ""),
        (("x",), ("admin1",), ""),
    ],
)
def test_a_total_has_the_names_that_its_regions_share(
    key: RegionKey, columns: tuple[str, ...], name: str
) -> None:
    assert name_in(key, columns, "country") == name
