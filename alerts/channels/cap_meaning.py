"""What a message means in the words of CAP 1.2 (OASIS, Common Alerting Protocol Version 1.2).

Pure: a message's body to the values of section 3.2 that say what it is and how sure it is.
"""

from __future__ import annotations

from typing import NamedTuple

from core.alerts import Json

SEVERITIES = {
    "advisory": "Minor",
    "elevated": "Moderate",
    "high": "Severe",
    "severe": "Severe",
    "extreme": "Extreme",
}
"""Of CAP's four, for five of ours; the message's own word stands in a parameter."""
_LAST = {"alert.resolved": "AllClear", "alert.retracted": "None", "alert.judged": "None"}
"""What the last messages of an alert ask for: only the end of the danger is an all-clear."""
_VERDICTS = {"came_true": "Observed", "did_not_come_true": "Unlikely", "undecided": "Unknown"}
_LIKELY = 0.5
"""CAP 1.2: "Likely" is p > ~50 %, "Possible" p <= ~50 %."""


class Meaning(NamedTuple):
    """The values of a message, as CAP names its elements."""

    status: str
    msg_type: str
    response: str
    urgency: str
    severity: str
    certainty: str


def meaning(body: Json, *, known: bool) -> Meaning:
    """Return what a body means; `known` says whether the readers have messages of the alert.

    An all-clear is an Update that says AllClear; a retraction, where the source took back what the
    alert was based on, is a Cancel. What is about this service itself is no incident: System.
    """
    told, kind = body["data"], body["type"]
    over = kind in _LAST or told.get("state", "firing") not in {"pending", "firing"}
    return Meaning(
        status=_status(kind, told),
        msg_type=_msg_type(kind) if known else "Alert",
        response=_LAST.get(kind) or ("Prepare" if told.get("action") else "Monitor"),
        urgency="Past" if over else "Future" if "window" in told else "Unknown",
        severity=SEVERITIES.get(told.get("severity", ""), "Unknown"),
        certainty=_VERDICTS.get(told.get("reason", "")) or _certainty(told),
    )


def _msg_type(kind: str) -> str:
    return "Cancel" if kind == "alert.retracted" else "Update"


def _status(kind: str, told: Json) -> str:
    """Return Actual only for what is: a replay or a simulation must never look like one."""
    if kind == "alert.test":
        return "Test"
    if told["about"] in {"feed", "service", "digest", "skill"}:
        return "System"
    return "Exercise" if told["label"] else "Actual"


def _certainty(told: Json) -> str:
    if told["about"] == "forecast":
        return "Likely" if told["probability"] > _LIKELY else "Possible"
    if told["about"] in {"observed", "spread"}:
        return "Observed" if told["probability"] == 1 else _certainty({**told, "about": "forecast"})
    return "Unknown"
