"""Rules on lost skill: intervals that miss too often, errors over those of the last year."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from scipy.stats import binom

from alerts.facts import FindingFacts
from alerts.rules import RunNote, skill
from core.periods import Period
from core.rule_settings import SkillRuleSettings
from core.skill import Skill
from tests.alerts.samples import KABUL

NOTE = RunNote(date(2022, 10, 3))
GOOD = Skill(
    region=KABUL, unit="deadly events", period=Period.MONTH, first=date(2020, 10, 1),
    through=date(2022, 9, 30), due=24, covered=22, crps=1.0, reference_crps=1.2,
)  # fmt: skip


def rule(**changes: Any) -> SkillRuleSettings:
    given = {"name": "skill", "watch": "provinces", "on": "skill", "severity": "advisory"}
    return SkillRuleSettings.model_validate({**given, **changes})


def rings(found: Skill, **changes: Any) -> bool:
    (evaluation,) = skill.read(rule(**changes), [found], NOTE)
    return evaluation.readings[0].crossed


@pytest.mark.parametrize(("due", "covered"), [(24, 17), (24, 18), (100, 82), (8, 0), (8, 8)])
def test_the_chance_of_so_few_is_binomial(due: int, covered: int) -> None:
    assert skill.at_most_covered(covered, due) == pytest.approx(binom.cdf(covered, due, 0.9))


@pytest.mark.parametrize(("covered", "expected"), [(24, False), (18, False), (17, True), (0, True)])
def test_intervals_that_miss_too_often_ring_and_too_wide_ones_do_not(
    covered: int, expected: bool
) -> None:
    assert rings(replace(GOOD, covered=covered)) is expected


@pytest.mark.parametrize(("crps", "expected"), [(1.2, False), (1.32, False), (1.33, True)])
def test_an_error_over_that_of_the_last_year_rings(crps: float, expected: bool) -> None:
    assert rings(replace(GOOD, crps=crps)) is expected


def test_a_region_without_any_error_is_no_worse_than_another() -> None:
    assert not rings(replace(GOOD, covered=24, crps=0.0, reference_crps=0.0))


def test_too_few_forecasts_say_nothing() -> None:
    assert skill.read(rule(over=25), [replace(GOOD, covered=0)], NOTE) == []


def test_facts_name_both_faults_in_numbers() -> None:
    (found,) = skill.read(rule(), [replace(GOOD, covered=15, crps=3.0)], NOTE)
    facts = FindingFacts.model_validate(found.facts)
    assert facts.headline.startswith("15 of 24 intervals of 90 % held the count")
    assert facts.headline.endswith(
        "mean error (CRPS) 3.00 deadly events, with the last year's distribution 1.20"
    )
    assert (facts.window.periods, found.data_through) == (24, date(2022, 9, 30))
