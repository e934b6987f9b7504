"""Errors over HTTP: `application/problem+json` (RFC 9457) with one clear line in `detail`."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import FailedError, InputError, StorageError, TocsinError
from core.text import clean

log = logging.getLogger("tocsin.web")
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    413: "Content too large",
    415: "Unsupported media type",
    421: "Misdirected request",
    422: "Unprocessable content",
    500: "Internal error",
    503: "Unavailable",
}
_LINE = 500


class NotFoundError(InputError):
    """Something that does not exist, or that the viewer may not see: the two look the same."""


class NotAcceptableError(InputError):
    """No media type that the client takes is one in which there is an answer."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as an answer."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status}
    told = json.dumps({**body, "detail": clean(detail, _LINE)}, ensure_ascii=False)
    return Response(told, status, dict(headers or {}), MEDIA_TYPE)


def status_of(error: TocsinError) -> int:
    """Return the HTTP status of an error for people."""
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, NotAcceptableError):
        return 406
    if isinstance(error, InputError):
        return 400
    return 503 if isinstance(error, StorageError | FailedError) else 500


def add_handlers(app: FastAPI) -> None:
    """Make every error of an application a problem document."""
    app.add_exception_handler(TocsinError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, TocsinError)
    status = status_of(error)
    if status >= 500:
        log.error(error.line())
    # Where a database stands is the operator's business, and in the log.
    where = "" if isinstance(error, StorageError) else f"{error.where}: "
    mend = f"; {error.mend}" if error.mend and not isinstance(error, StorageError) else ""
    return problem(status, f"{where}{error.problem}{mend}")


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: Mapping[str, Any] = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return problem(422, f"{place}: {first['msg'].removeprefix('Value error, ').lower()}")


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), error.headers)


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, clean(request.url.path), exc_info=error)
    return problem(500, "the request failed; the service's log says why")
