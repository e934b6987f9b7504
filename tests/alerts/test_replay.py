"""Alerts over history: past readings go through the life-cycle of real alerts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.lifecycle import Moment, step
from alerts.replay import LadderLevel, Policy, Track, episodes
from core.alerts import Alert, AlertState, Evaluation, Reading
from tests.alerts.tracks import X, policy, track

QUIET = [[0.0] * 12]


def rang(found: Track, rule: Policy) -> list[tuple[int, int, tuple[int, ...], int]]:
    return [(one.region, one.rang, one.claims, one.runs) for one in episodes(found, rule)]


def test_an_alert_rings_once_and_speaks_while_it_is_crossed() -> None:
    found = track([[0.1, 0.6, 0.4, 0.7, 0.2, 0.2, 0.2, 0.6]], QUIET)
    assert rang(found, policy()) == [(0, 1, (1, 3), 4), (0, 7, (7,), 1)]


def test_an_alert_that_needs_two_runs_rings_at_the_second() -> None:
    found = track([[0.6, 0.2, 0.6, 0.6, 0.2]], QUIET)
    assert rang(found, policy(fire_after=2)) == [(0, 3, (3,), 2)]


def test_a_rule_that_clears_at_once_rings_again_at_once() -> None:
    found = track([[0.6, 0.2, 0.6, 0.2]], QUIET)
    assert rang(found, policy(clear_after=1)) == [(0, 0, (0,), 1), (0, 2, (2,), 1)]


def test_a_region_that_is_not_read_keeps_its_alert() -> None:
    found = track([[0.6, X, X, X, 0.6, 0.1]], QUIET)
    assert rang(found, policy()) == [(0, 0, (0, 4), 3)]


def test_nothing_clears_while_news_are_due() -> None:
    chances = [[0.6, 0.1, 0.1, 0.1, 0.6]]
    due = [(), ("feed",), ("feed",), ("feed",), ()]
    assert rang(track(chances, QUIET), policy()) == [(0, 0, (0,), 2), (0, 4, (4,), 1)]
    assert rang(track(chances, QUIET, overdue=due), policy()) == [(0, 0, (0, 4), 5)]


def test_the_naive_rule_rings_where_the_newest_count_is_at_the_line() -> None:
    found = track([[0.0] * 5], [[0]], tempo=[[4, 5, 0, 0, 9]])
    naive = replace(policy(), naive=True)
    assert rang(found, naive) == [(0, 1, (1,), 2), (0, 4, (4,), 1)]
    assert [one.probability for one in episodes(found, naive)] == [1.0, 1.0]


def test_the_naive_rule_is_not_read_where_the_rule_is_not() -> None:
    found = track([[X, X, 0.0]], [[0]], tempo=[[9, 9, 0]])
    assert rang(found, replace(policy(), naive=True)) == []


def test_an_alert_keeps_the_line_and_the_severity_with_which_it_rang() -> None:
    found = track([[0.0, 0.0]], [[0]])
    chances = np.array([[[0.6, 0.1], [0.9, 0.8]]])
    lines = np.array([[[5, 20], [6, 24]]])
    levels = (LadderLevel(0, "elevated", 0.5), LadderLevel(1, "severe", 0.6))
    (one,) = episodes(replace(found, chances=chances, lines=lines), Policy(levels, 0.35))
    assert (one.severity, one.line, one.probability) == ("elevated", 5, 0.6)
    assert one.claims == (0, 1)


def test_the_columns_of_a_ladder_are_read_apart() -> None:
    found = track([[0.0, 0.0]], [[0]])
    chances = np.array([[[0.1, 0.7], [0.1, 0.1]]])
    both = replace(found, chances=chances, lines=np.array([[[9, 2], [9, 2]]]))
    high, low = (Policy((LadderLevel(column, "high", 0.5),), 0.3) for column in (0, 1))
    assert episodes(both, high) == []
    assert [one.line for one in episodes(both, low)] == [2]


readings = st.lists(st.sampled_from([0.0, 0.3, 0.4, 0.6, 0.9, X]), min_size=1, max_size=30)


def walked(found: Track, rule: Policy) -> list[tuple[int, int]]:
    """Take every origin through the life-cycle; return first and last firing origins."""
    alert: Alert | None = None
    fired: list[list[int]] = []
    for origin, chance in enumerate(found.chances[0, :, 0].tolist()):
        if chance != chance:
            continue
        evaluation = Evaluation(
            *("watch", "rule", ("here",)),
            (Reading("elevated", 5, rule.levels[0].needed, chance),),
            rule.clear_probability,
            found.period.end(int(found.newest[0, origin])),
            {"unit": "events"},
        )
        before = alert
        alert = step(before, evaluation, rule, Moment(f"{origin:03d}", str(origin))).alert
        if alert and alert.state is AlertState.FIRING:
            if before is None or before.state is not AlertState.FIRING:
                fired.append([])
            fired[-1].append(origin)
        if alert and alert.state is AlertState.RESOLVED:
            alert = None
    return [(each[0], len(each)) for each in fired]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(readings, st.integers(1, 3), st.integers(1, 3))
def test_passing_over_calm_origins_changes_no_alert(
    chances: list[float], fire_after: int, clear_after: int
) -> None:
    found = track([chances], [[0]])
    rule = policy(fire_after=fire_after, clear_after=clear_after)
    assert [(one.rang, one.runs) for one in episodes(found, rule)] == walked(found, rule)


@pytest.mark.parametrize("needed", [0.2, 0.5, 0.95])
def test_an_alert_speaks_from_the_origin_at_which_it_rang(needed: float) -> None:
    chances = np.random.default_rng(0).random((40, 30))
    for one in episodes(track(chances.tolist(), [[0]]), policy(needed, 0.7 * needed)):
        assert one.claims[0] == one.rang
        assert one.probability >= needed
        assert all(chances[one.region, origin] >= needed for origin in one.claims)
