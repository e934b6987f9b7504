"""Whom to credit, what was counted, and what stays inside."""

from datetime import date

from core.settings import FeedSettings, WatchSettings
from core.sources import Source, confined, credits_of, filters_of
from feeds.registry import settings_class

READ = date(2024, 7, 1)


def feed(name: str = "tracker", **keys: object) -> FeedSettings:
    return FeedSettings.model_validate({"name": name, "kind": "csv", **keys})


def credit(*feeds: FeedSettings, read: date | None = READ) -> tuple[str, ...]:
    return credits_of(Source.of(one, read) for one in feeds)


def test_a_credit_names_owner_licence_and_the_day_of_access() -> None:
    named = feed(attribution="Uppsala", licence="CC BY 4.0", share="rows")
    assert credit(named) == ("tracker: Uppsala; CC BY 4.0; accessed 2024-07-01",)


def test_a_feed_without_terms_says_so() -> None:
    assert credit(feed()) == ("tracker: licence not stated; accessed 2024-07-01",)
    assert credit(feed(), read=None) == ("tracker: licence not stated; not pulled yet",)


def test_feeds_of_one_owner_are_credited_in_one_line() -> None:
    same = {"attribution": "Uppsala", "licence": "CC BY 4.0"}
    found = credit(feed("a", **same), feed("b", **same), feed("own"))
    assert found == (
        "a, b: Uppsala; CC BY 4.0; accessed 2024-07-01",
        "own: licence not stated; accessed 2024-07-01",
    )


def test_what_stays_inside_says_so_wherever_it_is_shown() -> None:
    (line,) = credit(feed(share="none"))
    assert line.endswith("for use inside the organisation only")
    assert confined([feed("a", share="none"), feed("b")]) == ["a"]


def test_the_filters_are_told_in_words() -> None:
    watch = WatchSettings.model_validate(
        {
            "name": "w",
            "feeds": ["a", "b"],
            "group_by": ["country", "admin1"],
            "where": {"actor": "IS*", "kind": ["bomb", "raid"]},
            "precedence": ["b", "a"],
        }
    )
    assert filters_of(watch) == (
        "incidents by country, admin1, per month; only actor = IS*; only kind = bomb or raid; "
        "each event from one of b, a, in that order"
    )


def test_a_tracker_shares_no_rows_unless_it_says_so_and_ucdp_is_cited() -> None:
    assert feed().share == "aggregates"
    ucdp = settings_class("ucdp-csv").model_validate({"name": "u", "path": "f.csv"})
    assert (ucdp.licence, ucdp.share) == ("CC BY 4.0", "rows")
    assert "Sundberg and Melander 2013" in ucdp.attribution
