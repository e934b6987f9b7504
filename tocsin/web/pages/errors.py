"""Errors as pages, for browsers; everybody else gets problem documents."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import TocsinError
from tocsin.web.pages.site import bare_page

_Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def add_error_pages(app: FastAPI) -> None:
    """Let the application's own handlers answer, and show browsers their answer as a page."""
    for kind in (TocsinError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _as_page(app.exception_handlers[kind]))


def _as_page(handler: _Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        made = handler(request, error)
        plain = await made if isawaitable(made) else made
        if not _is_browser(request):
            return plain
        told = json.loads(bytes(plain.body))
        return bare_page("error.html.j2", plain.status_code, **_said(told))

    return answer


def _said(told: dict[str, Any]) -> dict[str, str]:
    return {"title": str(told["title"]), "detail": str(told["detail"])}


def _is_browser(request: Request) -> bool:
    asked = request.headers.get("accept", "")
    return "text/html" in asked and not request.url.path.startswith("/api/")
