"""What operators start and end over the API: alerts raised and resolved by hand."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from alerts.ledger import Decision
from core.settings import Severity
from storage.stories import Stories
from tocsin.by_hand import ByHand, channels_told
from tocsin.stores import Stores
from tocsin.web.api.alerts import (
    LONGEST,
    AlertId,
    Written,
    alert_of,
    author_of,
    told_of,
)
from tocsin.web.api.answers import JSON
from tocsin.web.api.asked import DeskAsked, ViewerAsking, answers
from tocsin.web.desk import Desk

router = APIRouter(tags=["alerts"])


class Raising(Written):
    """An alert that no rule rang: what somebody knows of a region."""

    watch: str = Field(max_length=64)
    region: str = Field(max_length=1_000, description="As the watch's regions are called.")
    severity: Severity
    note: str = Field(min_length=1, max_length=LONGEST, description="What is known.")


class Resolution(Written):
    """Why an alert is over."""

    note: str = Field(min_length=1, max_length=LONGEST)


@router.post(
    "/alerts",
    status_code=201,
    responses=answers(JSON, about="The alert and its story.", code=201),
)
def raise_alert(desk: DeskAsked, viewer: ViewerAsking, body: Raising) -> dict[str, Any]:
    """Raise an alert by hand: only a person ends it. For operators."""
    watch = desk.watch(viewer, body.watch)
    with desk.writing() as stores:
        acting = ByHand(desk.config, stores, author_of(viewer, body.by), desk.clock.now())
        alert, done = acting.raise_alert(watch.name, body.region, body.severity, body.note)
        return _told(desk, stores, alert.alert_id, done)


@router.post(
    "/alerts/{alert}/resolutions",
    status_code=201,
    responses=answers(JSON, about="The alert and its story.", code=201),
)
def resolve(
    desk: DeskAsked, viewer: ViewerAsking, alert: AlertId, body: Resolution
) -> dict[str, Any]:
    """End an open alert; if its rule is still crossed, the next run rings anew. For operators."""
    with desk.writing() as stores:
        found = alert_of(desk, stores, viewer, alert)
        acting = ByHand(desk.config, stores, author_of(viewer, body.by), desk.clock.now())
        return _told(desk, stores, found.alert_id, acting.resolve(found, body.note))


def _told(desk: Desk, stores: Stores, alert_id: str, done: Decision) -> dict[str, Any]:
    """Return the alert as it stands now, over which channels it is told, and what went wrong."""
    alert = Stories(stores.database).find(alert_id)
    told = {"channels": channels_told(done), "reasons": list(done.reasons)}
    return {**told_of(desk, stores, alert), "told": told}
