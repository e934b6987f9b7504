"""Links that acknowledge: the keys that sign them."""

from __future__ import annotations

from alerts.channels.channel import Surroundings
from alerts.channels.credentials import Source, read, read_if_set
from alerts.tickets import Tickets
from core.errors import ConfigError
from tocsin.web.settings import WebSettings

LEAST = 32
"""Characters of a secret: at 4 bits each, 128 bits."""


def open_tickets(web: WebSettings | None, around: Surroundings) -> Tickets | None:
    """Return what writes and reads links; None where they are not configured.

    Raises:
        ConfigError: when a secret is missing, or so short that it could be guessed.
    """
    if web is None or web.ack_links is None or web.public_url is None:
        return None
    links = web.ack_links
    name, table = "ack_links", "web"
    present = Source(name, "secret", links.secret_env, links.secret_file, table)
    old = links.previous_secret_env, links.previous_secret_file
    before = Source(name, "previous_secret", *old, table)
    found = [read(present, around), read_if_set(before, around)]
    keys = [secret.get_secret_value() for secret in found if secret is not None]
    if any(len(key) < LEAST for key in keys):
        mend = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise ConfigError(present.where, f"a secret has under {LEAST} characters", mend)
    return Tickets(keys, web.public_url, links.lasts)
