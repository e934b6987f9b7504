"""What an alert looked back on, against what a run sees there now."""

from dataclasses import replace

from alerts.past import Past, clear_line, clear_runs, corrections, counts_otherwise, remarks
from core.alerts import Evaluation, Json, Reading, RemarkKind
from tests.alerts.samples import evaluation, facts


def recent(**counts: int | None) -> Json:
    points = [{"period": f"2022-{k[1:]}", "count": n} for k, n in counts.items()]
    return facts(recent=points)


def read(now: Json, threshold: int = 8) -> Evaluation:
    readings = (Reading("elevated", threshold, 0.5, 0.7), Reading("severe", 20, 0.6, 0.1))
    return replace(evaluation(0.7), readings=readings, facts=now)


def test_counts_are_compared_period_by_period() -> None:
    past = Past({}, recent(m06=4, m07=3, m08=None, m09=7))
    now = recent(m07=3, m08=2, m09=5, m10=1)
    assert corrections(past, now) == [("2022-09", 7, 5)]
    assert corrections(Past(), now) == corrections(past, {}) == []


def test_a_revision_is_told_in_the_story_with_both_counts() -> None:
    (told,) = remarks(Past({}, recent(m08=5, m09=7)), read(recent(m08=4, m09=8)))
    assert told.kind is RemarkKind.CORRECTED
    assert told.text == "the source revised its counts: 2022-08 5 → 4, 2022-09 7 → 8"


def test_many_revisions_are_counted_not_listed() -> None:
    then, now = (recent(**{f"m{n:02d}": n + add for n in range(1, 10)}) for add in (0, 1))
    (told,) = remarks(Past({}, then), read(now))
    assert told.text.endswith("2022-06 6 → 7 and 3 more")


def test_a_threshold_that_moved_with_the_baseline_is_a_shifted_level() -> None:
    (told,) = remarks(Past({}, facts()), read(facts(), threshold=14))
    assert told.kind is RemarkKind.LEVEL_SHIFTED
    assert told.text == "the level has shifted: elevated from 8 to 14"


def test_a_line_that_its_owner_moved_is_a_changed_rule() -> None:
    for change in ({"clear_probability": 0.5}, {"aggregate": "total"}, {"clear_after": 1}):
        (told,) = remarks(Past({}, facts()), read(facts(**change), threshold=14))
        assert told.kind is RemarkKind.RULE_CHANGED


def test_an_unchanged_rule_on_the_same_counts_has_nothing_to_say() -> None:
    assert list(remarks(Past({}, facts()), read(facts()))) == []
    assert list(remarks(Past(), read(facts()))) == []


def test_the_stricter_of_then_and_now_decides_the_end() -> None:
    past = Past(facts(clear_probability=0.2, clear_after=3))
    assert clear_line(past, evaluation(0.1)) == 0.2
    assert clear_line(Past(facts(clear_probability=0.9)), evaluation(0.1)) == 0.35
    assert [clear_runs(past, 1), clear_runs(past, 5), clear_runs(Past(), 2)] == [3, 5, 2]


def test_another_unit_is_another_count() -> None:
    assert counts_otherwise(Past(facts()), read(facts(unit="deaths")))
    assert not counts_otherwise(Past(facts()), read(facts()))
    assert not counts_otherwise(Past(), read(facts()))
