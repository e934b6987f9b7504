"""Deliveries: what reached whom, which channels do not get through, and what was given up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from storage.deliveries import Deliveries
from storage.outbox import Outbox
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.site import page
from tocsin.web.problems import NotFoundError

router = APIRouter(include_in_schema=False)
_ROWS = 50


@router.get("/deliveries")
def deliveries(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
) -> HTMLResponse:
    """Return how the channels stand, and the newest messages by what became of them.

    Only for who sees every watch: a message may tell of any.
    """
    if not desk.sees_all(viewer):
        raise NotFoundError("deliveries", "they are for who sees every watch", "ask an operator")
    with desk.reading() as stores:
        messages, outbox = Deliveries(stores.database), Outbox(stores.database)
        counts, disabled = messages.by_channel(), {one.channel: one for one in outbox.disabled()}
        failing = messages.unfit()
        lists = [(state, messages.listed(state, limit=_ROWS)) for state in _STATES]
    configured = [channel.name for channel in desk.config.channels]
    return page(
        request,
        "deliveries.html.j2",
        about_watches(request, desk.watches(viewer)),
        channels=dict.fromkeys([*configured, *counts, *disabled]),
        counts=counts,
        disabled=disabled,
        failing=failing,
        lists=[(_STATES[state], rows) for state, rows in lists],
        most=_ROWS,
    )


_STATES = {"dead": "Given up", "pending": "Waiting", "delivered": "Delivered"}
