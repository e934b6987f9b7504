"""The reasons of a change as text: how a run keeps them, and how they are read."""

from __future__ import annotations

import json
from datetime import date

from core.explanations import Arrived, Change, Revised


def encode_change(change: Change | None) -> str:
    """Return the JSON of a change, "" for none."""
    if change is None:
        return ""
    return json.dumps({**change._asdict(), "cutoff": change.cutoff.isoformat()})


def decode_change(text: str) -> Change | None:
    """Return what `encode_change` wrote."""
    if not text:
        return None
    fields = json.loads(text)
    return Change(
        **fields
        | {
            "cutoff": date.fromisoformat(fields["cutoff"]),
            "new_periods": tuple(Arrived(*one) for one in fields["new_periods"]),
            "revised_periods": tuple(Revised(*one) for one in fields["revised_periods"]),
            "causes": tuple(fields["causes"]),
        }
    )
