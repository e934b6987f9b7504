"""A webhook: the JSON body posted with a Standard Webhooks 1.0.0 signature."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC

from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from alerts.channels import alertmanager, credentials
from alerts.channels.channel import DeliveryError, Surroundings
from alerts.channels.webhook_settings import WebhookSettings
from alerts.messages import canonical
from core.alerts import Delivery, Json
from core.errors import ConfigError
from core.http import Answer, Client, RequestError, retry_after

_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
"""Lengths that the standard allows for a secret."""
_GONE = 410
_CLOSED = frozenset({401, 403, 404, 405, _GONE})
"""The answers that are about the address or the sender, whatever the message is."""
_SLOW_DOWN = frozenset({408, 425, 429})
"""The answers below 500 that say "later": request timeout, too early, too many requests."""


class Webhook:
    """Posts messages to one address."""

    def __init__(self, settings: WebhookSettings, surroundings: Surroundings) -> None:
        """Read the secrets.

        Raises:
            ConfigError: when one is missing or no signing secret.
        """
        self._settings, self._clock = settings, surroundings.clock
        self._signers = _signers(settings, surroundings)
        source = credentials.Source(settings.name, "token", settings.token_env, settings.token_file)
        self._token = credentials.read_if_set(source, surroundings)
        self._client = Client(
            allow_networks=settings.allow_networks,
            ca_file=surroundings.folder / settings.ca_file if settings.ca_file else None,
        )

    def send(self, delivery: Delivery) -> str:
        """Post the body, signed now: receivers refuse signatures that are minutes old.

        Raises:
            DeliveryError: unless the answer is 2xx. 410 and other refusals are permanent, those of
                the address close the channel; 5xx, 408, 425, 429 and a connection that failed are
                transient.
        """
        body = canonical(self._body(delivery))
        try:
            answer = self._client.post(self._settings.url, body, self._headers(delivery, body))
        except RequestError as error:
            # Transient even where the address itself is refused: people can mend that in time.
            detail = error.line()
            raise DeliveryError(detail, transient=True, retry_after=error.retry_after) from error
        if answer.status not in range(200, 300):
            raise self._refused(answer)
        return f"HTTP {answer.status}"

    def _body(self, delivery: Delivery) -> Json:
        if self._settings.profile == "alertmanager":
            return alertmanager.payload(delivery, self._settings.name)
        return delivery.body

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        """Return the headers; two secrets give two signatures, of which one is enough."""
        now = self._clock.now().astimezone(UTC)  # the signer takes any zone for UTC
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        text = body.decode()
        signatures = [one.sign(delivery.delivery_id, now, text) for one in self._signers]
        if signatures:
            headers["webhook-signature"] = " ".join(signatures)
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.get_secret_value()}"
        return headers

    def _refused(self, answer: Answer) -> DeliveryError:
        status = answer.status
        detail = f"HTTP {status}"
        if 300 <= status < 400:
            detail += ": redirects are not followed; configure the final address"
        if status == _GONE:
            detail += ": the receiver wants no more messages"
        transient = status >= 500 or status in _SLOW_DOWN
        asked = retry_after(answer.headers, self._clock.now()) if transient else None
        return DeliveryError(
            detail, transient=transient, retry_after=asked, closed=status in _CLOSED
        )


def _signers(settings: WebhookSettings, surroundings: Surroundings) -> list[Signer]:
    """Return the signers: of the secret, and while it is being changed of the one before.

    Receivers of the alertmanager profile know no signatures, so that its secret may be left out.
    """
    name = settings.name
    present = credentials.Source(name, "secret", settings.secret_env, settings.secret_file)
    before = credentials.Source(
        name, "previous_secret", settings.previous_secret_env, settings.previous_secret_file
    )
    needed = settings.profile == "tocsin" or before.env or before.file
    read = credentials.read if needed else credentials.read_if_set
    secrets = [read(present, surroundings), credentials.read_if_set(before, surroundings)]
    return [Signer(_signing_key(name, secret)) for secret in secrets if secret is not None]


def _signing_key(channel: str, secret: SecretStr) -> bytes:
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise ConfigError(
            f"channels.{channel}",
            "the secret is no signing secret",
            'it must be "whsec_" followed by 24 to 64 bytes in base64',
        )
    return key
