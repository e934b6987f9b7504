"""Answers as JSON, CSV or Parquet, as the client asks, each with an ETag."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from starlette.responses import Response

from core.sources import Source, credits_of
from core.text import clean, csv_safe
from tocsin.web.problems import NotAcceptableError

Row = dict[str, Any]
JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
FORMS = {"json": JSON, "csv": CSV, "parquet": PARQUET}
"""Name of a form, as `?format=` has it, → media type. The first is given to who takes any."""
Form = Annotated[
    Literal["json", "csv", "parquet"] | None,
    Query(alias="format", description="Instead of the Accept header, for links."),
]
_CELL = 10_000


def plain(row: Row) -> str:
    """Return a row as JSON."""
    return json.dumps(row, ensure_ascii=False)


@dataclass(frozen=True)
class Listing:
    """A page of a list.

    Attributes:
        items: its rows, or what `encode` and `flat` make them of.
        about: what is said of all of them, such as run, label and sources.
        after: the cursor of the next page, None on the last one.
        name: of a file in which it is saved.
        encode: a row as JSON.
        flat: the rows as lines of a table, when they are not those of `items`.
    """

    items: Sequence[Any]
    about: Row = field(default_factory=dict)
    after: str | None = None
    name: str = "tocsin"
    encode: Callable[[Any], str] = plain
    flat: Callable[[], Iterable[Row]] | None = None

    @property
    def lines(self) -> list[Row]:
        """Return the rows of a table; each has the label and the credits that `about` has."""
        found = list(self.flat() if self.flat else self.items)
        told = {"label": self.about["label"]} if "label" in self.about else {}
        sources = [Source.model_validate(one) for one in self.about.get("sources", ())]
        if sources:
            told["sources"] = " | ".join(credits_of(sources))
        return [{**line, **told} for line in found]


def form_of(request: Request, wanted: str | None = None) -> str:
    """Return the form that a request asks for (RFC 9110, section 12.5.1).

    Raises:
        NotAcceptableError: when it takes none of ours.
    """
    if wanted:
        return wanted
    ranges = dict(_ranges(request.headers.get("accept") or "*/*"))
    weighed = [(_weight(media, ranges), form) for form, media in FORMS.items()]
    weight, form = max(weighed, key=lambda pair: pair[0])
    if weight <= 0:
        raise NotAcceptableError("Accept", "is none of " + ", ".join(FORMS.values()))
    return form


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.split(","):
        media, *parameters = (one.strip() for one in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield media.lower(), float(quality)
        except ValueError:
            yield media.lower(), 0.0


def _weight(media: str, ranges: dict[str, float]) -> float:
    kind = media.partition("/")[0]
    found = (ranges.get(one) for one in (media, f"{kind}/*", "*/*"))
    return next((weight for weight in found if weight is not None), 0.0)


def listed(request: Request, listing: Listing, wanted: str | None = None) -> Response:
    """Return a page in the form that is asked for.

    JSON: `about`, then `items`, then `next`. CSV and Parquet: the lines; `Link` names what is next.
    """
    form = form_of(request, wanted)
    following = _next(request, listing.after)
    if form == "json":
        head = json.dumps({**listing.about, "next": following}, ensure_ascii=False)
        body = f'{head[:-1]}, "items": [{", ".join(map(listing.encode, listing.items))}]}}'
        return tagged(request, body.encode(), JSON)
    made = _csv(listing.lines) if form == "csv" else _parquet(listing.lines)
    headers = {"content-disposition": f'attachment; filename="{listing.name}.{form}"'}
    if following:
        headers["link"] = f'<{following}>; rel="next"'
    return tagged(request, made, FORMS[form], headers)


def document(request: Request, found: Row) -> Response:
    """Return one thing as JSON.

    Raises:
        NotAcceptableError: when the client does not take it.
    """
    if form_of(request) != "json":
        raise NotAcceptableError("Accept", f"this is {JSON} only")
    return tagged(request, json.dumps(found, ensure_ascii=False).encode(), JSON)


def tagged(
    request: Request, body: bytes, media: str, headers: dict[str, str] | None = None
) -> Response:
    """Return a body with its ETag, or 304 when the client has it already (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(media.encode() + body).hexdigest()[:32]}"'
    common = {
        "etag": tag,
        "cache-control": "private, no-cache",
        "vary": "Accept, Authorization, Cookie",
    }
    known = [one.strip().removeprefix("W/") for one in _known(request)]
    if tag in known or known == ["*"]:
        return Response(status_code=304, headers=common)
    return Response(body, media_type=media, headers={**common, **(headers or {})})


def _known(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "").split(",")


def _next(request: Request, after: str | None) -> str | None:
    if after is None:
        return None
    url = request.url.include_query_params(cursor=after)
    return f"{url.path}?{url.query}"


def _csv(lines: Sequence[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(lines[0] if lines else [])
    writer.writerows([_cell(value) for value in line.values()] for line in lines)
    return out.getvalue().encode()


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float):
        return value
    return csv_safe(clean(_text(value), _CELL))


def _text(value: object) -> str:
    """Return a cell's text; what is nested is JSON."""
    nested = isinstance(value, list | dict | tuple)
    return json.dumps(value, ensure_ascii=False) if nested else str(value)


def _parquet(lines: Sequence[Row]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - only who asks for Parquet waits for it
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns = {name: [_value(line[name]) for line in lines] for name in (lines[0] if lines else {})}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _value(value: object) -> object:
    """Return what a Parquet column holds: nested values stay JSON text, as in CSV."""
    simple = value is None or isinstance(value, str | int | float)
    return value if simple else _text(value)
