"""`/feeds`: where the incidents come from, how fresh they are, and what was left out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from core.settings import FeedSettings
from core.sources import Source
from storage.feed_log import FeedStatus
from storage.lists import LAST, Lists
from tocsin.web.access import Viewer
from tocsin.web.api.answers import Form, Listing, listed
from tocsin.web.api.asked import LISTS, PAGE, DeskAsked, ViewerAsking, answers
from tocsin.web.api.paging import CursorText, Limit, cursor_at, key_in
from tocsin.web.desk import Desk
from tocsin.web.problems import NotFoundError

router = APIRouter(tags=["runs and feeds"])
FeedName = Annotated[str, Path(max_length=64, description="Name of a feed.")]


@router.get("/feeds", responses=answers(*LISTS, about="By name.", schema=PAGE))
def feeds(request: Request, desk: DeskAsked, viewer: ViewerAsking, form: Form = None) -> Response:
    """List the feeds of the watches that you may see, with their freshness."""
    with desk.reading() as stores:
        known = {status.feed: status for status in stores.reader.feeds.status()}
        read = stores.reader.accessed([feed.name for feed in desk.feeds(viewer)], None)
    items = [
        {
            **Source.of(feed, read.get(feed.name)).model_dump(mode="json"),
            **_status(known.get(feed.name)),
        }
        for feed in desk.feeds(viewer)
    ]
    return listed(request, Listing(items, name="feeds"), form)


@router.get("/pulls", responses=answers(*LISTS, about="Newest first.", schema=PAGE))
def pulls(
    request: Request,
    desk: DeskAsked,
    viewer: ViewerAsking,
    feed: Annotated[str | None, Query(max_length=64, description="Only of this feed.")] = None,
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """List what was pulled, and why a pull was refused."""
    wanted = [_feed(desk, viewer, feed)] if feed else desk.feeds(viewer)
    key = key_in(cursor, "pulls", (int,))
    with desk.reading() as stores:
        found = Lists(stores.database).pulls(
            [one.name for one in wanted], limit + 1, key[0] if key else LAST
        )
    after = cursor_at("pulls", (found[limit - 1][0],)) if len(found) > limit else None
    items = [{"pull": number, **row._asdict()} for number, row in found[:limit]]
    return listed(request, Listing(items, {}, after, "pulls"), form)


@router.get(
    "/feeds/{feed}/quarantine",
    responses=answers(*LISTS, about="In the order of the source.", schema=PAGE),
)
def quarantine(
    request: Request,
    desk: DeskAsked,
    viewer: ViewerAsking,
    feed: FeedName,
    limit: Limit = 100,
    cursor: CursorText = None,
    form: Form = None,
) -> Response:
    """List the rows that a feed's last good pull left out, with line and reason.

    Rows of a feed that shares no rows are not shown outside of the organisation.
    """
    settings = _feed(desk, viewer, feed)
    if viewer.outside and settings.share != "rows":
        raise NotFoundError("feed", f"{feed!r} shares no rows")
    key = key_in(cursor, "quarantine", (int,))
    with desk.reading() as stores:
        found = Lists(stores.database).quarantined(feed, limit + 1, key[0] if key else 0)
        read = stores.reader.accessed([feed], None)
    after = cursor_at("quarantine", (found[limit - 1][0],)) if len(found) > limit else None
    head = {"sources": [Source.of(settings, read.get(feed)).model_dump(mode="json")]}
    items = [row._asdict() for _, row in found[:limit]]
    return listed(request, Listing(items, head, after, f"{feed}-quarantine"), form)


def _feed(desk: Desk, viewer: Viewer, name: str) -> FeedSettings:
    for feed in desk.feeds(viewer):
        if feed.name == name:
            return feed
    raise NotFoundError("feed", f"no feed is called {name!r}", "/api/v1/feeds lists them")


def _status(status: FeedStatus | None) -> dict[str, Any]:
    """Return how a feed stands; of one that was never pulled, that nothing is known."""
    if status is None:
        return dict.fromkeys(_STATUS)
    values = {**status._asdict(), "through": status.through and status.through.isoformat()}
    notes = [{"well": well, "words": words} for well, words in status.notes]
    return {**{name: values[name] for name in _STATUS}, "notes": notes}


_STATUS = (
    "kind", "last_at", "last_status", "last_reason", "good_at", "origin", "rows", "quarantined",
    "through", "notes",
)  # fmt: skip
