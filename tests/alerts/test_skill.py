"""Hits, misses and false alarms: what counts as which, on histories written by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.replay import Policy, Track, episodes
from alerts.skill import Outcome, events, summary, tally, verdict
from tests.alerts.tracks import X, policy, track


def judged(found: Track, rule: Policy | None = None, quiet: int = 1) -> dict[str, int]:
    rule = rule or policy()
    done = tally(found, rule, episodes(found, rule), quiet)
    return {
        name: int(getattr(done, name).sum())
        for name in ("true", "false", "undecided", "hits", "misses")
    }


def leads(found: Track) -> list[int]:
    return tally(found, policy(), episodes(found, policy()), 1).leads.tolist()


def test_an_alert_before_the_crossing_is_a_hit_with_its_lead_time() -> None:
    """Rung at the end of January 2020 (origin 1); the line is crossed in March."""
    found = track([[0.1, 0.6, 0.1, 0.1, 0.1]], [[0, 0, 1, 0, 7, 0, 0, 0]])
    assert judged(found) == {"true": 1, "false": 0, "undecided": 0, "hits": 1, "misses": 0}
    assert leads(found) == [60]  # before 2020-02-01 began until 2020-04-01: 29 + 31 days


def test_an_alert_on_the_eve_has_no_lead() -> None:
    found = track([[0.1, 0.1, 0.6, 0.1]], [[0, 0, 0, 9, 0, 0, 0]])
    assert leads(found) == [0]


def test_an_alert_after_the_crossing_has_begun_is_too_late() -> None:
    found = track([[0.1, 0.1, 0.6, 0.1, 0.1]], [[0, 0, 9, 0, 0, 0, 0, 0]])
    assert judged(found) == {"true": 0, "false": 1, "undecided": 0, "hits": 0, "misses": 1}


def test_an_event_beyond_the_window_is_a_miss_and_the_alert_false() -> None:
    found = track([[0.6, 0.1, 0.1, 0.1, 0.1]], [[0, 0, 0, 0, 9, 0, 0, 0]])
    assert judged(found) == {"true": 0, "false": 1, "undecided": 0, "hits": 0, "misses": 1}


def test_an_alert_that_goes_on_ringing_goes_on_speaking() -> None:
    """Its lead runs from the first reading that spoke of the event's own month."""
    found = track([[0.6, 0.6, 0.6, 0.1, 0.1]], [[0, 0, 0, 0, 0, 9, 0, 0]])
    assert judged(found) == {"true": 1, "false": 0, "undecided": 0, "hits": 1, "misses": 0}
    assert leads(found) == [31 + 30]


def test_an_alert_that_only_has_not_cleared_yet_speaks_of_nothing_new() -> None:
    found = track([[0.6, 0.4, 0.4, 0.4, 0.4]], [[0, 0, 0, 0, 0, 9, 0, 0]])
    assert judged(found) == {"true": 0, "false": 1, "undecided": 0, "hits": 0, "misses": 1}


def test_one_alert_over_two_events_is_one_alert_and_two_hits() -> None:
    found = track([[0.6, 0.6, 0.6, 0.1, 0.1]], [[0, 9, 0, 9, 0, 0, 0, 0]])
    assert judged(found) == {"true": 1, "false": 0, "undecided": 0, "hits": 2, "misses": 0}


def test_an_alert_whose_window_is_not_over_is_undecided_until_it_comes_true() -> None:
    chances = [[0.1, 0.1, 0.1, 0.6]]
    assert judged(track(chances, [[0, 0, 0, 0, 0, 0]]))["undecided"] == 1
    assert judged(track(chances, [[0, 0, 0, 0, 0, 9]]))["true"] == 1
    assert judged(track(chances, [[0, 0, 0, 0, 0, 0, 0]]))["false"] == 1


def test_a_gap_in_what_came_leaves_an_alert_undecided_and_begins_no_event() -> None:
    found = track([[0.6, 0.1, 0.1, 0.1]], [[0, 0, X, 9, 0, 0, 0]])
    assert judged(found)["hits"] + judged(found)["misses"] == 0
    unknown = track([[0.6, 0.1, 0.1, 0.1]], [[0, 0, X, 0, 0, 0, 0]])
    assert judged(unknown)["undecided"] == 1


@pytest.mark.parametrize(
    ("quiet", "begin"),
    [(0, [1, 2, 4, 7]), (1, [1, 4, 7]), (2, [1, 7])],
)
def test_an_event_begins_after_enough_quiet_periods(quiet: int, begin: list[int]) -> None:
    came = [[0, 0, 0, 9, 8, 0, 5, 0, 0, 6]]
    found = track([[0.1] * 8], came, past=2)
    assert np.flatnonzero(events(found, policy(), quiet)[0]).tolist() == begin


def test_more_quiet_than_the_track_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="2 quiet periods need as many"):
        events(track([[0.1]], [[0]]), policy(), 2)


def test_an_event_in_a_region_that_could_not_be_read_is_missed() -> None:
    found = track([[X, X, X]], [[0, 0, 9, 0, 0, 0]])
    assert judged(found) == {"true": 0, "false": 0, "undecided": 0, "hits": 0, "misses": 1}


def test_the_line_of_an_event_is_the_one_that_applied_when_it_began() -> None:
    found = track([[0.1] * 4], [[0, 4, 4, 9, 9, 0]])
    lines = np.array([[[5], [5], [9], [20]]])
    assert np.flatnonzero(events(replace(found, lines=lines), policy(), 0)[0]).tolist() == [2]


def test_an_alert_is_judged_by_the_line_with_which_it_rang() -> None:
    found = track([[0.6, 0.1, 0.1]], [[0, 0, 6, 0, 0, 0]])
    lines = np.array([[[5], [50], [50]]])
    (one,) = episodes(replace(found, lines=lines), policy())
    assert verdict(found, one) == (Outcome.TRUE, 1)


def test_the_figures_say_their_n_and_interval_and_the_time_spent_ringing() -> None:
    chances = [[0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.1] * 12]
    found = track(chances, [[0, 0, 9, *[0] * 12], [0, 0, 0, 0, 9, *[0] * 10]])
    figures = summary(found, tally(found, policy(), episodes(found, policy()), 1))
    assert (figures["precision"]["value"], figures["precision"]["n"]) == (1.0, 1)
    assert (figures["recall"]["value"], figures["recall"]["n"]) == (0.5, 2)
    assert figures["alerts_a_month"]["value"] == pytest.approx(1 / 12, rel=0.01)
    assert figures["false_alarms_a_month_per_100_regions"]["high_95"] > 0
    assert figures["median_lead_days"]["value"] == 31
    assert figures["share_of_time_ringing"]["value"] == pytest.approx(2 / 24)
    json.dumps(figures, allow_nan=False)


def test_a_total_has_no_lead_but_its_window() -> None:
    found = track([[0.6, 0.1, 0.1]], [[0, 9, 0, 0]], span=1)
    figures = summary(found, tally(found, policy(), episodes(found, policy()), 1))
    assert figures["hits"] == 1
    assert figures["median_lead_days"]["value"] is None


def test_a_bell_that_never_stops_pays_with_its_time() -> None:
    came = [[0, *[0, 9, 0] * 8]]
    found = track([[0.9] * 22], came)
    figures = summary(found, tally(found, policy(), episodes(found, policy()), 1))
    assert (figures["recall"]["value"], figures["precision"]["value"]) == (1.0, 1.0)
    assert figures["share_of_time_ringing"]["value"] == 1.0


chance = st.sampled_from([0.0, 0.4, 0.6, X])
count = st.sampled_from([0.0, 4.0, 5.0, 9.0, X])


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.data(), st.integers(0, 2))
def test_every_alert_and_every_event_is_counted_exactly_once(
    data: st.DataObject, quiet: int
) -> None:
    regions, origins = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 12))
    chances = [data.draw(st.lists(chance, min_size=origins, max_size=origins))
               for _ in range(regions)]  # fmt: skip
    came = [data.draw(st.lists(count, max_size=origins + 4)) for _ in range(regions)]
    found = track(chances, came, past=2)
    for rule in (policy(), replace(policy(), naive=True)):
        rung = episodes(found, rule)
        done = tally(found, rule, rung, quiet)
        assert int((done.decided + done.undecided).sum()) == len(rung)
        assert int((done.hits + done.misses).sum()) == int(events(found, rule, quiet).sum())
        assert len(done.leads) == int(done.hits.sum())
        assert set(done.leads.tolist()) <= set(range(63))
        json.dumps(summary(found, done), allow_nan=False)
