"""The cookie that a browser gets for a token, and the mark that forms carry.

The cookie names its token and when it ends, sealed with that token: nothing is stored, it outlives
a restart, and taking a token out of the configuration ends its cookies.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from tocsin.web.tokens import Tokens

COOKIE = "tocsin"
LASTS = 12 * 3600
"""Seconds: a shift."""
_FORM = re.compile(r"([A-Za-z0-9_.-]{1,64})~(\d{1,12})~([0-9a-f]{64})")
_KEY = secrets.token_bytes(32)
"""Of this process: a form that was loaded before a restart has to be loaded again."""


def cookie_for(tokens: Tokens, name: str, now: datetime) -> str:
    """Return the cookie of the token with a name."""
    text = f"{name}~{int(now.timestamp()) + LASTS}"
    return f"{text}~{tokens.sealed(name, text)}"


def named_in(tokens: Tokens, cookie: str, now: datetime) -> str | None:
    """Return the token's name in a cookie that is ours and has not ended."""
    match = _FORM.fullmatch(cookie)
    if match is None:
        return None
    name, ends, seal = match.groups()
    wanted = tokens.sealed(name, f"{name}~{ends}")
    ours = wanted is not None and hmac.compare_digest(wanted, seal)
    return name if ours and now.timestamp() < int(ends) else None


def form_mark(viewer: str) -> str:
    """Return what a form for this viewer carries in a hidden field, against forged writes."""
    return hmac.new(_KEY, viewer.encode(), hashlib.sha256).hexdigest()


def is_form_mark(viewer: str, mark: str) -> bool:
    """Return whether a form's hidden field is the one that was given to this viewer."""
    return hmac.compare_digest(form_mark(viewer).encode(), mark.encode())
