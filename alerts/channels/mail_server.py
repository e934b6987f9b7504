"""The way to a mail server: verified TLS, and one deadline for all of it.

Timeouts of sockets bound a single answer, so that a server which says a word now and then is never
late. Here lookup, connection, TLS and every answer share one deadline (`core.http.deadline`).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress

from pydantic import SecretStr

from alerts.channels.email_settings import SmtpSettings
from core.http.addresses import Guard, Target
from core.http.deadline import Deadline
from core.http.door import Door


class MailServer(smtplib.SMTP):
    """A connection that a deadline ends; to be used with `with`."""

    def __init__(
        self, smtp: SmtpSettings, hello: str, tls: ssl.SSLContext | None, deadline: Deadline
    ) -> None:
        """Connect. `hello` is the name given in EHLO: the default looks this machine up in DNS.

        Raises:
            RequestError: when the server cannot be reached in time.
            OSError: when TLS fails.
            SMTPException: when it does not greet.
        """
        self._settings, self._tls, self._deadline = smtp, tls, deadline
        super().__init__(smtp.host, smtp.effective_port, hello)

    def __exit__(self, *_: object) -> None:
        """Say goodbye; a server that answers it badly has taken the mail all the same."""
        with suppress(smtplib.SMTPException):
            self.docmd("QUIT")
        self.close()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Return the socket that `connect` asks for."""
        target = Target("", "smtp", host, port)
        door = Door(target, Guard(()), socket.getaddrinfo, self._deadline)
        # A mail server is named by the configuration, and mostly stands on an inner network.
        sock = door.open(host, port, trusted=True)
        sock.settimeout(self._deadline.remaining())
        if self._settings.security != "tls" or self._tls is None:
            return sock
        return self._tls.wrap_socket(sock, server_hostname=host)

    def identify(self, password: SecretStr | None) -> None:
        """Encrypt and log in as configured.

        No credential is sent before the server's certificate is verified: `starttls` raises when
        the server, or someone between, does not offer it.

        Raises:
            OSError, SMTPException: when that fails; the connection is then closed.
        """
        try:
            if self._settings.security == "starttls":
                self.starttls(context=self._tls)
            if self._settings.username is not None and password is not None:
                self.login(self._settings.username, password.get_secret_value())
        except BaseException:
            self.close()
            raise
