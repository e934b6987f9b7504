"""Rules on lost skill: intervals that miss too often, or forecasts worse than the last year's.

Coverage is tested by the binomial law: of n right 90 % intervals, at most so many hold the count
with the probability shown. Only one side rings: counts are whole, so that right intervals of small
counts hold more than 90 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import comb

from alerts.evidence import RunNote
from alerts.facts import FindingFacts, Window
from alerts.rules.reading import as_told, found_by
from core.alerts import Evaluation, Json, Reading
from core.rule_settings import SkillRuleSettings
from core.skill import Skill

_CERTAIN, _CLEAR, _NOMINAL = 1.0, 0.5, 0.9
_UNIT = "forecasts that came due"
"""What the rule counts: its threshold is how many it takes to say anything."""


def read(rule: SkillRuleSettings, skills: Iterable[Skill], run: RunNote) -> list[Evaluation]:
    """Return the rule's reading of every region of which enough forecasts came due."""
    return [_evaluation(rule, skill, run) for skill in skills if skill.due >= rule.over]


def at_most_covered(covered: int, due: int, nominal: float = _NOMINAL) -> float:
    """Return the probability that of `due` right intervals no more than `covered` hold."""
    return sum(comb(due, k) * nominal**k * (1 - nominal) ** (due - k) for k in range(covered + 1))


def _faults(rule: SkillRuleSettings, skill: Skill) -> list[str]:
    """Return what is wrong with the forecasts, in words; nothing when they are as they should."""
    found = []
    chance = at_most_covered(skill.covered, skill.due)
    if chance <= rule.chance:
        found.append(
            f"{_coverage(skill)}, so few by chance once in {round(1 / max(chance, 1e-9)):,}"
        )
    if skill.crps > rule.worse_by * skill.reference_crps:
        found.append(_error(skill))
    return found


def _coverage(skill: Skill) -> str:
    return f"{skill.covered} of {skill.due} intervals of 90 % held the count"


def _error(skill: Skill) -> str:
    return (
        f"mean error (CRPS) {skill.crps:.2f} {skill.unit}, with the last year's distribution "
        f"{skill.reference_crps:.2f}"
    )


def _evaluation(rule: SkillRuleSettings, skill: Skill, run: RunNote) -> Evaluation:
    faults = _faults(rule, skill)
    reading = Reading(rule.severity, rule.over, _CERTAIN, _CERTAIN if faults else 0.0)
    facts = _facts(rule, skill, reading, faults, run)
    return Evaluation(
        *(rule.watch, rule.name, skill.region, (reading,), _CLEAR, skill.through, facts),
        overdue=run.overdue,
    )


def _facts(
    rule: SkillRuleSettings, skill: Skill, reading: Reading, faults: list[str], run: RunNote
) -> Json:
    period = skill.period
    spanned = period.of(skill.through) - period.of(skill.first) + 1
    facts = FindingFacts(
        **found_by(rule, skill.region, run),
        about="skill",
        unit=_UNIT,
        period=period,
        window=Window(first=skill.first, last=skill.through, periods=spanned),
        counted=None,
        completion=None,
        levels=(as_told(reading, f"one {period} ahead: {_coverage(skill)}; {_error(skill)}"),),
        headline="; ".join(faults) or "its forecasts are as good as they should be",
        clears=_clears(rule, skill),
        recent=(),
        seen_so_far=(),
        tempo=None,
        baseline=None,
        data_as_of=skill.through,
    )
    return facts.model_dump(mode="json")


def _clears(rule: SkillRuleSettings, skill: Skill) -> str:
    runs = "a run" if rule.clear_after == 1 else f"{rule.clear_after} runs in a row"
    return (
        f"{runs}, each with a newly complete {skill.period}, in which the newest {rule.over} "
        "forecasts pass"
    )
