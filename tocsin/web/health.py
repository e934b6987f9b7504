"""`/healthz`: is the process alive? `/readyz`: is anything stale, and what?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.readiness import readiness

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers; nothing is looked at."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    response_model=None,
    responses={503: {"description": "Something is stale or stuck; `reasons` says what."}},
)
def readyz(
    desk: Annotated[Desk, Depends(desk_of)], viewer: Annotated[Viewer, Depends(viewer_of)]
) -> JSONResponse:
    """Say whether runs are on time, feeds fresh and messages sent: 503 when not, with reasons."""
    with desk.reading() as stores:
        findings = readiness(desk, stores, viewer)
    reasons = [f"{one.about}: {one.words}" for one in findings if not one.well]
    told: dict[str, Any] = {
        "ready": not reasons,
        "reasons": reasons,
        "findings": [one._asdict() for one in findings],
    }
    return JSONResponse(told, 503 if reasons else 200)
