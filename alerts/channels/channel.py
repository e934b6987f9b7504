"""What every channel is, what it is given, and how it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from core.alerts import Delivery
from core.clock import Clock

if TYPE_CHECKING:
    from alerts.tickets import Tickets


class Channel(Protocol):
    """A way to a reader."""

    def send(self, delivery: Delivery) -> str:
        """Send one message and return what the receiver answered, to keep with the attempt.

        Raises:
            DeliveryError: when the message was not taken.
        """
        ...


@dataclass(frozen=True)
class Surroundings:
    """What channels see of the world.

    Attributes:
        folder: where relative paths start: the configuration file's folder.
        environment: the process's environment variables.
        clock: for signatures.
        console: where the console channel writes.
        templates: the user's folder of templates, if there is one.
        groupings: watch → the columns that its regions are grouped by.
        tickets: writes links that acknowledge, where they are configured.
    """

    folder: Path
    environment: Mapping[str, str]
    clock: Clock
    console: TextIO
    templates: Path | None = None
    groupings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tickets: Tickets | None = None


class DeliveryError(Exception):
    """A message that was not taken.

    Attributes:
        transient: whether the same message may be taken later.
        detail: what went wrong, on one line, without secrets.
        retry_after: seconds that the receiver asked to wait, if it did.
        closed: whether the receiver refuses whatever is sent there, not this message: the
            channel is disabled until somebody looks.
    """

    def __init__(
        self,
        detail: str,
        *,
        transient: bool,
        retry_after: float | None = None,
        closed: bool = False,
    ) -> None:
        super().__init__(detail)
        self.detail, self.transient, self.retry_after = detail, transient, retry_after
        self.closed = closed
