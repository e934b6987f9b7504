"""Apprise: chat rooms, telephones and a hundred more ways, each by an address of its own.

Apprise opens its own connections: they are not behind core's address guard, follow redirects and
heed proxy variables. The address is a secret: it is never logged nor shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from alerts.channels import credentials
from alerts.channels.apprise_settings import AppriseSettings
from alerts.channels.channel import DeliveryError, Surroundings
from alerts.messages import Message
from alerts.templates import Templates
from core.alerts import Delivery
from core.errors import ConfigError

if TYPE_CHECKING:
    import apprise

_SECONDS = 20.0
"""For connecting and for reading, each: a send must end within its lease."""
_TYPES: dict[str, Literal["info", "success", "warning"]] = {
    "alert.firing": "warning",
    "alert.escalated": "warning",
    "alert.reminder": "warning",
    "alert.group": "warning",
    "alert.resolved": "success",
}


class Apprise:
    """Sends messages through Apprise's plug-ins."""

    def __init__(self, settings: AppriseSettings, surroundings: Surroundings) -> None:
        """Read the addresses.

        Raises:
            ConfigError: when Apprise is not installed, or an address is missing or none of its.
        """
        source = credentials.Source(settings.name, "url", settings.url_env, settings.url_file)
        urls = credentials.read(source, surroundings).get_secret_value().split()
        self._services = [_service(settings.name, n, url) for n, url in enumerate(urls, 1)]
        self._templates = Templates(surroundings.templates)
        self._taken: dict[str, set[int]] = {}

    def send(self, delivery: Delivery) -> str:
        """Send one message to every address; a repeat leaves out those that took it.

        What took it is known to this process only: after a restart a repeat reaches all again.

        Raises:
            DeliveryError: transient, when an address did not take it; Apprise does not say why.
        """
        message = Message.model_validate(delivery.body)
        title = self._templates.render("apprise", "subject", message)
        body = self._templates.render("apprise", "txt", message)
        kind = _TYPES.get(message.type, "info")
        taken = self._taken.setdefault(delivery.delivery_id, set())
        for number, service in enumerate(self._services, 1):
            if number not in taken and service.notify(
                body=body,
                title=title,
                notify_type=kind,
                overflow="split",
            ):
                taken.add(number)
        missing = [str(n) for n in range(1, len(self._services) + 1) if n not in taken]
        if missing:
            raise DeliveryError(
                f"address {', '.join(missing)} of {len(self._services)} did not take it",
                transient=True,
            )
        del self._taken[delivery.delivery_id]
        return f"taken by {len(self._services)}"


def _service(channel: str, number: int, url: str) -> apprise.NotifyBase:
    """Return what sends to an address."""
    where = f"channels.{channel}"
    try:
        import apprise  # noqa: PLC0415 - an extra; loads a hundred plug-ins
    except ImportError:
        raise ConfigError(
            where, "Apprise is not installed", "pip install 'tocsin[notify]'"
        ) from None
    # Its own log names addresses with their passwords.
    logging.getLogger("apprise").disabled = True
    made = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if made is None:
        mend = "see Apprise's list of services"
        raise ConfigError(where, f"address {number} is none that Apprise knows", mend)
    made.socket_connect_timeout = made.socket_read_timeout = _SECONDS
    return made
