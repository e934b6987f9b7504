"""What most questions of the API share: who asks, of which watch, as of which day."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel

from core.settings import WatchSettings
from tocsin.web.access import Viewer
from tocsin.web.api.answers import CSV, JSON, PARQUET
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.problems import MEDIA_TYPE, NotFoundError
from tocsin.web.table import Table
from tocsin.web.tables import tables_of

DeskAsked = Annotated[Desk, Depends(desk_of)]
ViewerAsking = Annotated[Viewer, Depends(viewer_of)]
WatchName = Annotated[str, Path(max_length=64, description="Name of a watch.")]
AsOf = Annotated[
    date | None, Query(description="The newest run whose cut-off is not after this day.")
]
Region = Annotated[
    str,
    Query(min_length=1, max_length=1_000, description="Region as the table shows it."),
]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def answers(
    *media: str, about: str, schema: dict[str, Any] | None = None, code: int = 200
) -> dict[Any, Any]:
    """Return what OpenAPI says of an operation's answers, `code` being the good one."""
    body: dict[str, Any] = {"schema": schema or {"type": "object"}}
    told = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    content = {one: body if one == JSON else {"schema": {"type": "string"}} for one in media}
    problems = {
        code: {"description": words, "content": told}
        for code, words in {
            400: "What was asked for cannot be meant.",
            401: "Nobody, or an unknown token.",
            403: "Not allowed.",
            404: "Not there, or not this viewer's to see.",
            406: "No form that the client takes.",
            413: "The body is too long.",
            421: "Not a name of this service.",
            422: "A parameter cannot be meant.",
            503: "The database cannot be read, or the question takes too long.",
        }.items()
    }
    unchanged = {304: {"description": "The client has it already."}}
    return {code: {"description": about, "content": content}, **unchanged, **problems}


LISTS = (JSON, CSV, PARQUET)
PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "Address of the next page."},
    },
}
"""The schema of a page of a list."""


def watch_of(watch: WatchName, desk: DeskAsked, viewer: ViewerAsking) -> WatchSettings:
    """Return the watch that is asked about.

    Raises:
        NotFoundError: when there is none that the viewer may see.
    """
    return desk.watch(viewer, watch)


WatchAsked = Annotated[WatchSettings, Depends(watch_of)]


def table_of(request: Request, watch: WatchAsked, as_of: AsOf = None) -> Table:
    """Return the table that is asked about.

    Raises:
        NotFoundError: when there is no run of the watch yet, or none at that day.
    """
    found = tables_of(request).of(watch, as_of)
    if found is None:
        when = f" with a cut-off until {as_of}" if as_of else ""
        raise NotFoundError(f"watch {watch.name}", f"has no run{when} yet")
    return found


TableAsked = Annotated[Table, Depends(table_of)]
