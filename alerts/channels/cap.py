"""CAP 1.2: one file per message and an Atom feed of them, in a folder that a web server shows."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alerts.channels import cap_feed
from alerts.channels.cap_document import Earlier, Sender, document
from alerts.channels.cap_place import geocodes
from alerts.channels.channel import DeliveryError, Surroundings
from alerts.channels.on_disk import write_whole
from core.alerts import Delivery
from core.clock import unstamp
from core.settings import ChannelSettings, Whole

_NAME = r"[^\s,<&]+"
"""CAP 1.2, 3.2.1: no spaces, commas or restricted characters."""


class CapSettings(ChannelSettings):
    """Where the messages go, and whose they are."""

    kind: Literal["cap"]
    group_over: Whole = Field(default=10_000, ge=1)
    """Programs read these, so every alert is told by itself."""
    folder: str = Field(min_length=1)
    """Relative to the configuration."""
    sender: Annotated[str, StringConstraints(pattern=f"^{_NAME}$", max_length=254)]
    """Unique in the world and always the same: a mail address or a domain."""
    title: str = "Tocsin"
    """Who that is, for people."""
    scope: Literal["Restricted", "Public", "Private"] = "Restricted"
    restriction: str = "for those whom the sender gave access"
    addresses: tuple[Annotated[str, StringConstraints(pattern=r'^[^"<&]+$')], ...] = ()
    """Whom private messages are for."""
    public_url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s<>\"]+/)?$")] = ""
    """Where the folder is shown, ending in "/": the feed's links start with it."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.quiet is not None:
            raise ValueError("a cap channel has no quiet hours: programs read it")
        if self.scope == "Private" and not self.addresses:
            raise ValueError('scope = "Private" needs addresses')
        if self.scope == "Restricted" and not self.restriction.strip():
            raise ValueError('scope = "Restricted" needs a restriction')
        return self


class Cap:
    """Writes messages into a folder."""

    def __init__(self, settings: CapSettings, surroundings: Surroundings) -> None:
        self._settings, self._groupings = settings, surroundings.groupings
        self._folder: Path = surroundings.folder / settings.folder
        self._sender = Sender(
            name=settings.sender,
            title=settings.title,
            scope=settings.scope,
            restriction=settings.restriction,
            addresses=settings.addresses,
        )

    def send(self, delivery: Delivery) -> str:
        """Write the message's file, then the feed anew; a repeat writes the same again.

        Raises:
            DeliveryError: transient, when the folder cannot be written.
        """
        settings = self._settings
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            earlier = self._earlier(delivery)
            if delivery.body["type"] == "alert.retracted" and not earlier:
                return "nothing to cancel: no message of this alert stands in the folder"
            name = _file_name(delivery)
            codes = tuple(geocodes(delivery.body["data"], self._groupings))
            write_whole(self._folder / name, document(delivery, self._sender, earlier, codes))
            feed = cap_feed.atom(self._folder, settings.title, settings.sender, settings.public_url)
            write_whole(self._folder / cap_feed.FEED, feed)
        except OSError as error:
            raise DeliveryError(
                f"cannot write in {self._folder.name} ({error.strerror})", transient=True
            ) from error
        return f"wrote {name}"

    def _earlier(self, delivery: Delivery) -> list[Earlier]:
        told = delivery.body["data"]
        if "sequence" not in told:
            return []
        return cap_feed.earlier(self._folder, told["alert_id"], told["sequence"])


def _file_name(delivery: Delivery) -> str:
    """Return a name that sorts by time and says which step of which alert it is."""
    told = delivery.body["data"]
    sent = unstamp(delivery.body["timestamp"]).astimezone(UTC)
    alert_id, sequence = told.get("alert_id", told["about"]), told.get("sequence", 0)
    return f"{sent:%Y%m%dT%H%M%SZ}-{alert_id}-{sequence}-{delivery.delivery_id}.xml"
