"""The tokens of the configuration: read once, compared in constant time, never shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence

from alerts.channels.channel import Surroundings
from alerts.channels.credentials import Source, read
from core.errors import ConfigError
from tocsin.web.settings import TokenSettings

LEAST = 24
"""Characters: at 4 bits each, 96 bits, which nobody guesses at any rate of requests."""


class Tokens:
    """Who comes with which token. Keeps digests only, so that no error report can show one."""

    def __init__(self, settings: Sequence[TokenSettings], secrets: Iterable[str]) -> None:
        """Take the settings and their secrets, in the same order."""
        pairs = zip(settings, secrets, strict=True)
        self._known = [(one, _digest(secret)) for one, secret in pairs]

    def holder(self, token: str) -> TokenSettings | None:
        """Return whose token it is. All are compared, so the time it takes tells nothing."""
        wanted, found = _digest(token), None
        for one, digest in self._known:
            if hmac.compare_digest(wanted, digest):
                found = one
        return found

    def sealed(self, name: str, text: str) -> str | None:
        """Return the seal that only who knows NAME's token can put on a text; None for nobody."""
        for one, digest in self._known:
            if one.name == name:
                return hmac.new(digest, text.encode(), hashlib.sha256).hexdigest()
        return None

    def named(self, name: str) -> TokenSettings | None:
        """Return the settings of a token by its name."""
        return next((one for one, _ in self._known if one.name == name), None)


def open_tokens(settings: Sequence[TokenSettings], around: Surroundings) -> Tokens:
    """Read the secrets.

    Raises:
        ConfigError: when one is missing, or so short that it could be guessed.
    """
    return Tokens(settings, [_secret(one, around) for one in settings])


def _secret(one: TokenSettings, around: Surroundings) -> str:
    source = Source(one.name, "token", one.token_env, one.token_file, table="web.tokens")
    secret = read(source, around).get_secret_value()
    if len(secret) < LEAST:
        mend = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise ConfigError(source.where, f"the token has under {LEAST} characters", mend)
    return secret


def _digest(secret: str) -> bytes:
    return hashlib.sha256(b"tocsin web token\0" + secret.encode()).digest()
