"""The order in which alerts are looked at."""

from __future__ import annotations

from core.alerts import urgency
from core.settings import Severity


def test_the_most_severe_and_then_the_likeliest_come_first_and_a_person_counts_as_certain() -> None:
    alerts: list[tuple[Severity, float | None]] = [
        ("advisory", 1.0),
        ("severe", 0.5),
        ("severe", None),
        ("elevated", 0.9),
        ("severe", 0.7),
    ]
    ordered = sorted(alerts, key=lambda one: urgency(*one))
    assert ordered == [
        ("severe", None),
        ("severe", 0.7),
        ("severe", 0.5),
        ("elevated", 0.9),
        ("advisory", 1.0),
    ]
