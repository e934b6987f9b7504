"""Email over SMTP: verified TLS, two readable parts, headers that nothing can be slipped into."""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path

from alerts.channels import credentials
from alerts.channels.channel import DeliveryError, Surroundings
from alerts.channels.email_settings import EmailSettings, SmtpSettings
from alerts.channels.letter import write
from alerts.channels.mail_server import MailServer
from alerts.templates import Templates
from core.alerts import Delivery
from core.errors import ConfigError
from core.http import RequestError
from core.http.deadline import Deadline

_PERMANENT = 500


class Email:
    """Sends messages to a list of people through one mail server."""

    def __init__(self, settings: EmailSettings, surroundings: Surroundings) -> None:
        """Read the password and the certificates.

        Raises:
            ConfigError: when one is missing.
        """
        smtp = settings.smtp
        self._settings, self._templates = settings, Templates(surroundings.templates)
        self._tickets = surroundings.tickets if settings.ack_links else None
        self._password = None
        if smtp.username is not None:
            source = credentials.Source(
                settings.name, "password", smtp.password_env, smtp.password_file
            )
            self._password = credentials.read(source, surroundings)
        self._tls = _tls(settings.name, smtp, surroundings.folder)

    def send(self, delivery: Delivery) -> str:
        """Send one mail to all recipients; say which of them the server refused.

        A mail that some recipients got counts as sent: a repeat would reach those again.

        Raises:
            DeliveryError: when nobody got it. A refusal of the mail or of all recipients with a
                5xx code is permanent, the latter closes the channel. Everything else (connection,
                certificate, login, 4xx) is transient: it can be mended while the message waits.
        """
        link = self._tickets.link(delivery) if self._tickets else None
        mail = write(delivery, self._settings, self._templates, link)
        sender = self._settings.sender.address
        people = [recipient.address for recipient in self._settings.to]
        deadline = Deadline(self._settings.smtp.timeout)
        try:
            with deadline, self._connected(deadline) as server:
                refused = server.sendmail(sender, people, mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            permanent = all(code >= _PERMANENT for code in codes)
            raise DeliveryError(
                _refusals(error.recipients), transient=not permanent, closed=permanent
            ) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise DeliveryError(
                f"the mail was refused: {_answer(error.smtp_code, error.smtp_error)}",
                transient=error.smtp_code < _PERMANENT,
            ) from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(
                f"the mail server refused: {error.smtp_code}", transient=True
            ) from error
        except RequestError as error:
            raise DeliveryError(error.line(), transient=True) from error
        except (OSError, smtplib.SMTPException) as error:
            late = deadline.error("mail server")
            raise DeliveryError(late.line() if late else _failure(error), transient=True) from error
        taken = f"taken for {len(people) - len(refused)} of {len(people)}"
        return f"{taken}; {_refusals(refused)}" if refused else taken

    def _connected(self, deadline: Deadline) -> MailServer:
        """Return a connection, encrypted and logged in as configured, to be used with `with`."""
        hello = self._settings.sender.domain
        server = MailServer(self._settings.smtp, hello, self._tls, deadline)
        server.identify(self._password)
        return server


def _tls(channel: str, smtp: SmtpSettings, folder: Path) -> ssl.SSLContext | None:
    if smtp.security == "none":
        return None
    context = ssl.create_default_context()
    if smtp.ca_file:
        try:
            context.load_verify_locations(folder / smtp.ca_file)
        except OSError as error:  # ssl.SSLError is one
            raise ConfigError(
                f"channels.{channel}",
                f"cannot read certificates from {smtp.ca_file} ({error.strerror or error})",
                "give a PEM file",
            ) from None
    return context


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    listed = "; ".join(f"{to}: {_answer(*why)}" for to, why in sorted(refused.items()))
    return f"refused: {listed}"


def _answer(code: int, text: bytes | str) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {shown}"


def _failure(error: Exception) -> str:
    """Return what went wrong on the way, in words that mend it."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server does not offer what is configured (STARTTLS or a login)"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection with the mail server: {error.reason}"
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return f"the mail server hung up: {error}"
    return f"no mail server: {type(error).__name__} {getattr(error, 'strerror', None) or ''}"
