"""What people send by a form: bounded, of our own page, by somebody who may write."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from tocsin.web.access import Viewer
from tocsin.web.cookies import is_form_mark
from tocsin.web.desk import viewer_of

_FIELDS = 20
_KIND = "application/x-www-form-urlencoded"


async def form_of(
    request: Request, viewer: Annotated[Viewer, Depends(viewer_of)]
) -> dict[str, str]:
    """Return the fields of a form; the last of a name counts. A FastAPI dependency.

    The gate has refused readers, other sites' pages and long bodies before.

    Raises:
        HTTPException: as `fields_of`, or when it is not one that we gave to this viewer.
    """
    fields = await fields_of(request)
    if not is_form_mark(viewer.name, fields.get("mark", "")):
        raise HTTPException(403, "this form is out of date: load the page again and repeat")
    return fields


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of any form; the last of a name counts. A FastAPI dependency.

    Raises:
        HTTPException: when it is no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != _KIND:
        raise HTTPException(415, f"send {_KIND}, as the page's own form does")
    try:
        text = (await request.body()).decode("utf-8")
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        raise HTTPException(400, "the form cannot be read") from None
    return fields
