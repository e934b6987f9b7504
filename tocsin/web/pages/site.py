"""Templates, and what all pages have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from core.quantities import named
from core.sources import Source, credits_of
from core.text import clean
from tocsin import __version__
from tocsin.table_columns import percent, share
from tocsin.web.cookies import form_mark
from tocsin.web.desk import desk_of, viewer_of
from tocsin.web.pages.files import static

WEB = Path(__file__).parents[1]
_TEXT = 2000
PAGES = (
    ("/alerts", "Alerts"),
    ("/lab", "Threshold lab"),
    ("/handover", "Handover"),
    ("/record", "Track record"),
    ("/feeds", "Feeds and runs"),
    ("/deliveries", "Deliveries"),
)
"""What the navigation lists after the watches."""


@dataclass(frozen=True)
class About:
    """What a page must say of its numbers.

    Attributes:
        label: what they are not: simulated, a demonstration, a replay; "" for ordinary ones.
        through: last day that the data cover, None where nothing is known yet.
        age: days since then.
        sources: whom to credit.
        degraded: why the newest run was not all well.
    """

    label: str = ""
    through: date | None = None
    age: int | None = None
    sources: Sequence[Source] = ()
    degraded: Sequence[str] = field(default_factory=tuple)

    @property
    def credits(self) -> tuple[str, ...]:
        """Return one line per owner, licence and day of access."""
        return credits_of(self.sources)


def page(
    request: Request, template: str, about: About, status: int = 200, **shown: Any
) -> HTMLResponse:
    """Return a page: `shown` is what its own template asks for."""
    desk, viewer = desk_of(request), viewer_of(request)
    text = (
        _environment()
        .get_template(template)
        .render(
            about=about,
            here=request.url.path,
            watches=desk.watches(viewer),
            viewer=viewer,
            mark=form_mark(viewer.name),
            version=__version__,
            **shown,
        )
    )
    return HTMLResponse(text, status)


def bare_page(template: str, status: int = 200, **shown: Any) -> HTMLResponse:
    """Return a page that says nothing of any watch: whoever reads it may not be known."""
    return HTMLResponse(_environment().get_template(template).render(**shown), status)


def address(path: str, **asked: object) -> str:
    """Return an address of our own; what is None or empty is left out of it."""
    pairs = {key: value for key, value in asked.items() if value not in (None, "")}
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def compile_templates() -> None:
    """Compile every template, so that nobody waits for it."""
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )
    found.filters |= {
        "percent": percent,
        "share": share,
        "count": _count,
        "mean": _mean,
        "signed": _signed,
        "moment": _moment,
        "named": named,
        "line": lambda text: clean(str(text), _TEXT),
    }
    found.globals |= {"address": address, "static": static, "pages": PAGES}
    return found


def _count(value: int | None) -> str:
    """Return a count as it is shown; what is not known is a dash, never a zero."""
    return "–" if value is None else f"{value:,}"


def _mean(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _signed(value: float) -> str:
    """Return a change with its sign; a change that rounds to nothing has none."""
    text = f"{value:+,.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def _moment(stamp: str | None) -> str:
    """Return a stamp as people read it: 2022-10-01 06:00Z."""
    return f"{stamp[:10]} {stamp[11:16]}Z" if stamp else "–"
