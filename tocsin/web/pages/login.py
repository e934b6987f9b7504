"""Coming in with a token, by a browser: the token is exchanged for a cookie of one shift."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tocsin.web.cookies import COOKIE, LASTS, cookie_for
from tocsin.web.desk import Desk, desk_of
from tocsin.web.gate import LOGIN
from tocsin.web.pages.forms import form_of
from tocsin.web.pages.site import bare_page
from tocsin.web.tokens import Tokens

router = APIRouter(include_in_schema=False)
_LONGEST = 2000


@router.get(LOGIN)
def login(
    after: Annotated[str, Query(alias="next", max_length=_LONGEST)] = "/",
) -> HTMLResponse:
    """Return the page that asks for a token."""
    return bare_page("login.html.j2", after=_own(after), fault="")


@router.post(LOGIN)
async def come_in(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Give a cookie for a token that is known."""
    tokens: Tokens = request.app.state.tokens
    text = (await request.body()).decode("utf-8", "replace")
    fields = dict(parse_qsl(text, keep_blank_values=True))
    after = _own(fields.get("next", "/"))
    holder = tokens.holder(fields.get("token", "").strip())
    if holder is None:
        fault = "this token is not known"
        return bare_page("login.html.j2", status=401, after=after, fault=fault)
    answer = RedirectResponse(after, 303)
    answer.set_cookie(
        COOKIE,
        cookie_for(tokens, holder.name, desk.clock.now()),
        max_age=LASTS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def logout(form: Annotated[dict[str, str], Depends(form_of)]) -> Response:
    """Take the cookie back."""
    del form  # its mark was looked at
    answer = RedirectResponse(LOGIN, 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _own(address: str) -> str:
    """Return an address of our own, "/" for any other: nobody is sent elsewhere from here."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() else "/"
