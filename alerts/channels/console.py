"""The console: the message as a block of text on standard output."""

from __future__ import annotations

from typing import Literal

from alerts.channels.channel import DeliveryError, Surroundings
from core.alerts import Delivery
from core.settings import ChannelSettings

_RULE = "─" * 78


class ConsoleSettings(ChannelSettings):
    """A console channel has no keys of its own."""

    kind: Literal["console"]
    internal: bool = True


class Console:
    """Writes messages to a stream."""

    def __init__(self, _settings: ConsoleSettings, surroundings: Surroundings) -> None:
        self._stream = surroundings.console

    def send(self, delivery: Delivery) -> str:
        """Print the message between two rules; letters that the stream lacks become "?"."""
        from alerts.messages import Message  # noqa: PLC0415 - who only reads settings needs none
        from alerts.rendering import text  # noqa: PLC0415 - as above

        message = Message.model_validate(delivery.body)
        block = f"{_RULE}\n{text(message)}{_RULE}\n"
        encoding = self._stream.encoding or "utf-8"
        try:
            self._stream.write(block.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except OSError as error:
            raise DeliveryError(f"cannot write ({error.strerror})", transient=True) from error
        return "printed"
