"""The pages that people read: one file per page, its template beside the others."""

from __future__ import annotations

from tocsin.web.pages import (
    ack_link,
    alerts,
    deliveries,
    feeds,
    files,
    handover,
    home,
    lab,
    login,
    maps,
    overview,
    record,
    region,
)

ROUTERS = tuple(
    one.router
    for one in (
        *(files, login, home, overview, maps, region, alerts),
        *(lab, handover, record, feeds, deliveries, ack_link),
    )
)
"""One per page."""
