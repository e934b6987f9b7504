"""What season, known dates, neighbours and the last periods do, in words."""

from typing import Any

import pytest

from tocsin.effect_words import effects_in_words


def effect(kind: str, ratio: float, adds: float, subject: str = "") -> dict[str, Any]:
    return {
        "period": "2026-01", "kind": kind, "subject": subject, "ratio": ratio, "adds": adds,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            effect("season", 1.3, 0.24, "Januaries"),
            "Januaries run 30 % above the year, which adds 24 %.",
        ),
        (
            effect("season", 0.75, -0.2, "Julys"),
            "Julys run 25 % below the year, which takes off 20 %.",
        ),
        (
            effect("date", 2.14, 0.09, "Eid al-Fitr"),
            "On the days of Eid al-Fitr happens 2.1 times as much as on others, which adds 9 %.",
        ),
        (
            effect("neighbours", 1.8, 0.1),
            "What neighbouring regions have rose to 1.8 times what it was, which adds 10 %.",
        ),
        (
            effect("actor", 1.5, 0.03),
            "What the same actor does elsewhere rose to 1.5 times what it was, which adds 3 %.",
        ),
        (
            effect("excitement", 2.0, 0.12),
            "The last periods had many events, and events bring events, which adds 12 %.",
        ),
    ],
)
def test_every_kind_of_effect_has_a_sentence(one: dict[str, Any], words: str) -> None:
    assert effects_in_words([one], "2026-01") == [words]


def test_another_periods_effects_and_small_ones_are_not_told() -> None:
    small = effect("season", 1.01, 0.009, "Mays")
    assert effects_in_words([small, effect("season", 2.0, 0.5, "Mays")], "2026-02") == []
    assert effects_in_words([small], "2026-01") == []
