"""How often each rule's alerts came true so far: said in every message about a forecast."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.facts import Record


def track_records(judged: Mapping[str, tuple[int, int]]) -> dict[str, Record]:
    """Return the record of each rule from how many came true, of how many that were judged."""
    if not judged:
        return {}
    from alerts.rates import share  # noqa: PLC0415 - SciPy's statistics, only where there are any

    found = {}
    for rule, (came_true, of) in judged.items():
        rate = share(came_true, of)
        found[rule] = Record(
            came_true=came_true, judged=of, low_95=rate["low_95"], high_95=rate["high_95"]
        )
    return found
