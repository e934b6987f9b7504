"""Rules on lost skill: intervals that miss too often, or forecasts worse than the last year's.

Coverage is tested by the binomial law: of n right 90 % intervals, at most so many hold the count
with the probability shown. Only one side rings: counts are whole, so that right intervals of small
counts hold more than 90 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import comb

from alerts.evidence import RunNote
from alerts.facts import FindingFacts, LevelReading, Window
from core.alerts import Evaluation, Json, Reading
from core.periods import Period
from core.regions import label
from core.rule_settings import SkillRuleSettings
from core.skill import Skill

_CERTAIN, _CLEAR, _NOMINAL = 1.0, 0.5, 0.9


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
            f"{skill.covered} of {skill.due} intervals of 90 % held the count, so few by chance "
            f"once in {round(1 / max(chance, 1e-9)):,}"
        )
    if skill.crps > rule.worse_by * skill.reference_crps:
        found.append(
            f"mean error (CRPS) {skill.crps:.2f}, with the last year's distribution "
            f"{skill.reference_crps:.2f}"
        )
    return found


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
    facts = FindingFacts(
        about="skill",
        place=label(skill.region),
        region=skill.region,
        watch=rule.watch,
        rule=rule.name,
        unit=skill.unit,
        period=skill.period,
        window=Window(first=skill.first, last=skill.through, periods=_spanned(skill)),
        counted=None,
        completion=None,
        levels=(
            LevelReading(
                severity=reading.severity,
                threshold=reading.threshold,
                follows=f"forecasts one {skill.period} ahead that came due",
                needed=reading.needed,
                probability=reading.probability,
            ),
        ),
        headline="; ".join(faults) or "its forecasts are as good as they should be",
        clears="a run with newer scores in which the intervals and the error pass",
        recent=(),
        seen_so_far=(),
        tempo=None,
        baseline=None,
        data_as_of=skill.through,
        cutoff=run.cutoff,
        label=run.label,
        overdue=run.overdue,
        action=rule.action,
        owner=rule.owner,
        sources=run.sources,
        filters=run.filters,
    )
    return facts.model_dump(mode="json")


def _spanned(skill: Skill) -> int:
    period: Period = skill.period
    return period.of(skill.through) - period.of(skill.first) + 1
