"""What a configuration says of an email channel."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from alerts.channels.loopback import is_loopback
from core.settings import ChannelSettings, Settings
from core.text import clean

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+"
_MAILBOX = re.compile(
    rf"""(?P<plain>{_ADDRESS}) | "?(?P<name>[^"<>]*?)"?\s* <(?P<address>{_ADDRESS})>""", re.VERBOSE
)
_LONGEST = 254
"""Characters of an address (RFC 5321, section 4.5.3.1.3, less the brackets)."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mailbox(NamedTuple):
    """A name to show, possibly "", and an address in ASCII."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """Return what follows the @."""
        return self.address.rpartition("@")[2]


def _mailbox(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    found = _MAILBOX.fullmatch(clean(text))
    address = (found["plain"] or found["address"]) if found else ""
    if not found or len(address) > _LONGEST:
        raise ValueError("is no mail address; write user@example.org or Name <user@example.org>")
    return Mailbox(found["name"] or "", address)


Recipient = Annotated[Mailbox, BeforeValidator(_mailbox)]


class SmtpSettings(Settings):
    """The mail server."""

    host: str = Field(min_length=1)
    port: int = Field(default=0, ge=0, le=65535)
    """0 stands for the usual one: 587 with starttls, 465 with tls, 25 with none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    """Certificates to trust besides the system's, relative to the configuration."""
    timeout: float = Field(default=30.0, gt=0, le=120)
    """Seconds that sending one mail may take, from looking up the server to its last answer."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError(
                "smtp.security may be none only on this machine (localhost); use starttls or tls"
            )
        if self.username is None and (self.password_env or self.password_file):
            raise ValueError("smtp has a password but no username")
        return self

    @property
    def effective_port(self) -> int:
        """Return the port to connect to."""
        return self.port or _PORTS[self.security]


class EmailSettings(ChannelSettings):
    """Who writes to whom, through which server."""

    kind: Literal["email"]
    sender: Recipient = Field(alias="from")
    to: tuple[Recipient, ...] = Field(min_length=1, max_length=100)
    smtp: SmtpSettings
    chart: bool = True
    """Whether a picture of the region's counts and forecast goes with the mail."""
    ack_links: bool = False
    """Whether its readers may acknowledge by a link in the mail, without a token."""
