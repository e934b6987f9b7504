"""`/healthz`: whether the process is alive."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers; nothing is looked at."""
    return {"status": "alive"}
