"""What a configuration says of a webhook channel."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints, model_validator

from alerts.channels.loopback import is_loopback
from core.settings import ChannelSettings


def _network(text: str) -> str:
    ip_network(text)
    return text


class WebhookSettings(ChannelSettings):
    """Where to post, and where the secret is."""

    kind: Literal["webhook"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@/]+(/\S*)?$")]
    profile: Literal["tocsin", "alertmanager"] = "tocsin"
    """Which body is posted: our own, or that of Alertmanager's webhook, version 4."""
    secret_env: str | None = None
    secret_file: str | None = None
    previous_secret_env: str | None = None
    previous_secret_file: str | None = None
    """The secret of before, while receivers change over: messages are signed with both."""
    token_env: str | None = None
    token_file: str | None = None
    """Sent as "Authorization: Bearer …", for receivers that ask for it."""
    allow_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Networks (CIDR) that may be reached although they are private."""
    ca_file: str | None = None
    """Certificates to trust instead of the bundled ones, relative to the configuration."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        has_token = self.token_env or self.token_file
        encrypted = self.url.startswith("https://")
        if has_token and not encrypted and not is_loopback(urlsplit(self.url).hostname or ""):
            raise ValueError("a token is sent over https only, or on this machine")
        return self
