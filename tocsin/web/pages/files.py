"""Style sheet, scripts and icon, from our own address; browsers keep them until they change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.web.problems import NotFoundError

router = APIRouter(include_in_schema=False)
_FOLDER = Path(__file__).parents[1] / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR = "public, max-age=31536000, immutable"


class _File(NamedTuple):
    body: bytes
    digest: str


@cache
def _files() -> dict[str, _File]:
    """Return every file by its name; only what is in the folder can be asked for."""
    found = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES}
    return {
        name: _File(body, hashlib.sha256(body).hexdigest()[:12]) for name, body in found.items()
    }


def static(name: str) -> str:
    """Return the address of a file; it changes with the file."""
    return f"/static/{_files()[name].digest}/{name}"


@router.get("/static/{digest}/{name}")
def static_file(digest: str, name: str) -> Response:
    """Return a file."""
    found = _files().get(name)
    if found is None or found.digest != digest:
        raise NotFoundError("static", "there is no such file", "load the page again")
    kind = _TYPES[Path(name).suffix]
    return Response(found.body, media_type=kind, headers={"cache-control": _YEAR})
