"""When a source may be asked only for what has changed."""

from datetime import date, timedelta
from typing import Any

import pytest

from feeds import bookmarks
from feeds.bookmarks import Tags, mark, tags_of, usable
from feeds.file_settings import TextFileSettings

DAY = date(2026, 11, 22)
TAGS = Tags('"v1"', "Sun, 22 Nov 2026 06:00:00 GMT")
URL = "https://example.org/f.csv?key=canary"


def made(**keys: Any) -> TextFileSettings:
    return TextFileSettings.model_validate({"name": "f", "kind": "csv", "url": URL, **keys})


@pytest.mark.parametrize(
    ("lasting", "days", "asked"),
    [
        (False, 0, True),
        (False, 1, False),
        (False, -1, False),
        (True, 0, True),
        (True, 1, True),
        (True, 400, True),
        (True, -1, False),
    ],
)
def test_a_bookmark_outlasts_its_day_only_where_rows_and_coverage_do(
    lasting: bool, days: int, asked: bool
) -> None:
    text = mark(TAGS, "d1", made(), DAY, lasting=lasting)
    found = usable(text, made(), DAY + timedelta(days=days))
    assert (found is not None) == asked
    if found:
        assert (Tags(found.etag, found.modified), found.digest) == (TAGS, "d1")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"url": "https://example.org/g.csv"}, False),
        ({"url": URL + "2"}, False),
        ({"kind": "counts-csv"}, False),
        ({"separator": ";"}, False),
        ({"mode": "append"}, False),
        ({"max_bad_share": 0.5}, False),
        ({"covered_through": "2026-10-31"}, False),
        ({"name": "renamed"}, True),
        ({"timeout": 60}, True),
        ({"allow_networks": ["10.0.0.0/8"]}, True),
    ],
)
def test_a_bookmark_holds_for_the_same_url_and_the_same_reading(
    change: dict[str, Any], asked: bool
) -> None:
    text = mark(TAGS, "d1", made(), DAY, lasting=True)
    assert (usable(text, made(**change), DAY) is not None) == asked


def test_a_new_way_of_mapping_rows_reads_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = mark(TAGS, "d1", made(), DAY, lasting=True)
    monkeypatch.setattr(bookmarks, "MAPPING_VERSION", bookmarks.MAPPING_VERSION + 1)
    assert usable(text, made(), DAY) is None


def test_an_answer_without_tags_leaves_nothing() -> None:
    assert mark(Tags(None, None), "d1", made(), DAY, lasting=True) == ""
    assert usable("", made(), DAY) is None


@pytest.mark.parametrize("text", ['{"etag": "v1"}', '{"tag": "v1", "day": "2026-11-22"}'])
def test_a_bookmark_of_another_version_is_not_used(text: str) -> None:
    assert usable(text, made(), DAY) is None


def test_a_bookmark_holds_nothing_of_the_url() -> None:
    assert "canary" not in mark(TAGS, "d1", made(), DAY, lasting=True)


@pytest.mark.parametrize(
    ("headers", "tags"),
    [
        ({"ETag": 'W/"x"', "Last-Modified": "yesterday"}, Tags('W/"x"', "yesterday")),
        ({"ETag": ""}, Tags(None, None)),
        ({"ETag": '"' + "x" * 20_000 + '"', "Last-Modified": "now"}, Tags(None, "now")),
    ],
)
def test_tags_are_kept_as_they_are_unless_they_are_too_long(
    headers: dict[str, str], tags: Tags
) -> None:
    assert tags_of(headers) == tags
