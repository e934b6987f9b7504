"""Feeds and runs: how fresh and how complete the data are, what was left out, what went wrong."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from core.clock import unstamp
from core.settings import FeedSettings
from storage.lists import LAST, ListedRun, Lists
from tocsin.silence import Silences
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.site import page
from tocsin.web.problems import NotFoundError

router = APIRouter(include_in_schema=False)
_RUNS, _PULLS, _ROWS = 30, 20, 200


@router.get("/feeds")
def feeds(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    before: Annotated[int, Query(ge=1, le=LAST)] = LAST,
) -> HTMLResponse:
    """Return how every feed stands, the newest pulls, and the newest runs."""
    named = desk.feeds(viewer)
    watches = [watch.name for watch in desk.watches(viewer)]
    with desk.reading() as stores:
        lists = Lists(stores.database)
        status = {one.feed: one for one in stores.reader.feeds.status()}
        heard = Silences.heard(desk.config, stores.incidents, desk.today, None)
        pulls = lists.pulls([feed.name for feed in named], _PULLS)
        runs = lists.runs(watches, _RUNS + 1, before)
    return page(
        request,
        "feeds.html.j2",
        about_watches(request, desk.watches(viewer)),
        feeds=[(feed, status.get(feed.name)) for feed in named],
        silent=_of(heard.reasons(), named),
        age=lambda through: (desk.today - through).days if isinstance(through, date) else None,
        pulls=[row for _, row in pulls],
        runs=[_run(one, watches) for one in runs[:_RUNS]],
        following=runs[_RUNS - 1].run_id if len(runs) > _RUNS else None,
    )


@router.get("/feeds/{feed}/quarantine")
def quarantine(
    request: Request,
    feed: str,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
) -> HTMLResponse:
    """Return the rows that a feed's last good pull left out, each with its reason."""
    settings = next((one for one in desk.feeds(viewer) if one.name == feed), None)
    if settings is None or (viewer.outside and settings.share != "rows"):
        raise NotFoundError("feed", f"no feed is called {feed!r}", "see /feeds")
    with desk.reading() as stores:
        found = Lists(stores.database).quarantined(feed, _ROWS + 1, after)
    return page(
        request,
        "quarantine.html.j2",
        about_watches(request, desk.watches(viewer)),
        feed=settings,
        rows=[row for _, row in found[:_ROWS]],
        following=found[_ROWS - 1][0] if len(found) > _ROWS else None,
    )


def _run(run: ListedRun, watches: list[str]) -> dict[str, Any]:
    """Return a run as the page shows it; of its reasons, those of watches that are not seen not."""
    seconds = (unstamp(run.finished_at) - unstamp(run.started_at)).total_seconds()
    unseen = [name for name in run.watches if name not in watches]
    reasons = [
        one for one in run.reasons if not any(one.startswith(f"watch {name}:") for name in unseen)
    ]
    return {"run": run, "seconds": seconds, "reasons": reasons}


def _of(reasons: list[str], feeds: list[FeedSettings]) -> list[str]:
    """Return the reasons that are about feeds that are seen."""
    return [one for one in reasons if any(one.startswith(f"feed {feed.name}:") for feed in feeds)]
