"""A message in the words of Alertmanager's webhook, version 4, for receivers that know only those.

Source: Prometheus documentation, "Alerting configuration", webhook_config. Pure: the same message
gives the same payload.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from alerts.messages import Message
from alerts.rendering import rows, subject
from core.alerts import Delivery, Json

_NOT_OVER = "0001-01-01T00:00:00Z"
"""Go's zero time: what Alertmanager writes while an alert fires."""
_ENDS = frozenset({"alert.resolved", "alert.retracted", "alert.judged"})
_DIGITS = 16


def payload(delivery: Delivery, receiver: str) -> Json:
    """Return the body; a group's steps are its alerts, what it does not show is counted."""
    body = delivery.body
    told = body["data"]
    steps = [_short(step, body) for step in told["shown"]] if "shown" in told else [_whole(body)]
    status = "firing" if any(step["status"] == "firing" for step in steps) else "resolved"
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alert_id="{told.get("alert_id") or delivery.delivery_id}"}}',
        "truncatedAlerts": sum(told.get("rest", {}).values()),
        "status": status,
        "receiver": receiver,
        "groupLabels": {},
        "commonLabels": _common([step["labels"] for step in steps]),
        "commonAnnotations": _common([step["annotations"] for step in steps]),
        "externalURL": "",
        "alerts": steps,
    }


def _whole(body: Json) -> Json:
    """Return the one alert of a message, with everything that it tells as annotations."""
    message, told = Message.model_validate(body), body["data"]
    labels = {
        "alertname": told.get("rule") or body["type"],
        "severity": told.get("severity", "none"),
        "region": told["place"],
        "watch": told.get("watch", ""),
        "alert_id": told.get("alert_id", ""),
        "exercise": told["label"],
    }
    opened = told.get("opened_at") or told.get("opened", {}).get("at") or body["timestamp"]
    annotations = {
        "summary": subject(message),
        "description": "\n".join(f"{name}: {value}" for name, value in rows(message)),
        "action": told.get("action", ""),
        "likelihood": told.get("likelihood", {}).get("words", ""),
    }
    page = told.get("links", {}).get("alert", "")
    return _alert(body, body["type"], labels, annotations, opened) | {"generatorURL": page}


def _short(step: Json, body: Json) -> Json:
    """Return one step of a group."""
    labels = {
        "alertname": "Tocsin",
        "severity": step["severity"],
        "region": step["place"],
        "alert_id": step["alert_id"],
        "exercise": body["data"]["label"],
    }
    annotations = {"summary": step["summary"], "description": step["expected"]}
    return _alert(body, step["type"], labels, annotations, body["timestamp"])


def _alert(body: Json, kind: str, labels: Json, annotations: Json, opened: str) -> Json:
    status: Literal["firing", "resolved"] = "resolved" if kind in _ENDS else "firing"
    known = {name: value for name, value in labels.items() if value}
    return {
        "status": status,
        "labels": known,
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": opened,
        "endsAt": body["timestamp"] if status == "resolved" else _NOT_OVER,
        "generatorURL": "",
        "fingerprint": _fingerprint(known),
    }


def _fingerprint(labels: Json) -> str:
    """Return what names the alert to its end: its id where it has one, whatever its severity is."""
    name = labels.get("alert_id") or repr(sorted(labels.items()))
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()[:_DIGITS]


def _common(sets: list[Json]) -> Json:
    """Return what all sets have alike."""
    first, *others = sets
    return {
        name: value for name, value in first.items() if all(o.get(name) == value for o in others)
    }
