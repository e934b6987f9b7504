"""The application: routers behind one gate."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from alerts.channels.channel import Surroundings
from core.clock import Clock
from tocsin import __version__
from tocsin.ack_links import open_tickets
from tocsin.config import Config
from tocsin.web import health, metrics
from tocsin.web.api import (
    alerts,
    by_hand,
    feeds,
    forecasts,
    probability,
    runs,
    scores,
    silences,
    watches,
)
from tocsin.web.desk import Desk
from tocsin.web.gate import Gate
from tocsin.web.pages import ROUTERS as PAGES
from tocsin.web.pages.errors import add_error_pages
from tocsin.web.problems import add_handlers
from tocsin.web.records import Records
from tocsin.web.replays import Replays
from tocsin.web.settings import WebSettings
from tocsin.web.tables import Tables
from tocsin.web.tokens import open_tokens

ROUTERS = (health.router, metrics.router, *PAGES)
"""Every part of the web side but the API, one router each."""
API_ROUTERS = tuple(
    subject.router
    for subject in (watches, forecasts, probability, scores, alerts, by_hand, silences, runs, feeds)
)
API = "/api/v1"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.tables.start()
    yield
    app.state.replays.stop()
    app.state.tables.stop()


def make_app(config: Config, database: Path, clock: Clock) -> FastAPI:
    """Return the application over one configuration and one database.

    `request.app.state` has `desk`, `tables`, `records`, `replays`, `tokens` and
    `tickets`; who asks stands in `request.state.viewer`.

    Raises:
        ConfigError: when a token cannot be read.
    """
    settings = config.web or WebSettings()
    around = Surroundings(config.base, os.environ, clock, sys.stdout)
    app = FastAPI(
        title="Tocsin",
        version=__version__,
        description="Forecasts of attack tempo, their track record, and alerts.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.desk = Desk(config, database, clock)
    app.state.tables = Tables(app.state.desk)
    app.state.records = Records(app.state.desk)
    app.state.replays = Replays(app.state.desk)
    app.state.tokens = open_tokens(settings.tokens, around)
    app.state.tickets = open_tickets(settings, around)
    add_handlers(app)
    add_error_pages(app)
    for router in ROUTERS:
        app.include_router(router)
    for router in API_ROUTERS:
        app.include_router(router, prefix=API)
    app.add_middleware(Gate, settings=settings, tokens=app.state.tokens, clock=clock)
    return app
