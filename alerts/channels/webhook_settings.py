"""What a configuration says of a webhook channel."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from core.settings import ChannelSettings


def _network(text: str) -> str:
    ip_network(text)
    return text


class WebhookSettings(ChannelSettings):
    """Where to post, and where the secret is."""

    kind: Literal["webhook"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@/]+(/\S*)?$")]
    secret_env: str | None = None
    secret_file: str | None = None
    allow_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Networks (CIDR) that may be reached although they are private."""
    ca_file: str | None = None
    """Certificates to trust instead of the bundled ones, relative to the configuration."""
