"""One message as the bytes of a mail, the same for every try.

Names and labels come from outside. Python's own header folding has let line breaks through (an
encoded word that holds one, a trailing newline), so values are cleaned before they reach it, and
the finished header block is checked line by line before anything is sent.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alerts.channels.channel import DeliveryError
from alerts.channels.email_settings import EmailSettings, Mailbox
from alerts.messages import Message
from alerts.rendering import html, subject, text
from core.alerts import Delivery
from core.clock import unstamp
from core.text import clean

_NAME = 100


def write(delivery: Delivery, settings: EmailSettings) -> bytes:
    """Return the mail: text first, then HTML; all mails of one alert are one thread.

    Raises:
        DeliveryError: permanent, when the header block holds a line that was not put there.
    """
    message = Message.model_validate(delivery.body)
    domain = settings.sender.domain
    thread = delivery.alert_id or delivery.delivery_id
    headers = {
        "From": _shown(settings.sender),
        "To": ", ".join(_shown(recipient) for recipient in settings.to),
        "Subject": header_safe(subject(message)),
        "Date": format_datetime(unstamp(delivery.created_at)),
        "Message-ID": f"<{delivery.delivery_id}@{domain}>",
        "In-Reply-To": f"<{thread}@{domain}>",
        "References": f"<{thread}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text(message), cte="quoted-printable")
    mail.add_alternative(html(message), subtype="html", cte="quoted-printable")
    # The random default would make a repeat differ from the mail that it repeats.
    mail.set_boundary(f"={delivery.delivery_id}=")
    return _checked(mail.as_bytes(), [*headers, "MIME-Version", "Content-Type"])


def header_safe(value: str) -> str:
    """Return text that no header parser breaks or decodes: one line, no encoded word in it."""
    return clean(value).replace("=?", "= ?").replace("?=", "? =")


def _shown(mailbox: Mailbox) -> str:
    return str(Address(header_safe(mailbox.name)[:_NAME], addr_spec=mailbox.address))


def _checked(mail: bytes, allowed: list[str]) -> bytes:
    """Return the mail when its headers are exactly those allowed, once each."""
    block = mail.partition(b"\r\n\r\n")[0]
    found = sorted(
        line.partition(b":")[0].decode("latin-1").lower()
        for line in block.split(b"\r\n")
        if not line.startswith((b" ", b"\t"))
    )
    stray = block.replace(b"\r\n", b"")
    if found != sorted(name.lower() for name in allowed) or b"\r" in stray or b"\n" in stray:
        raise DeliveryError("the mail's headers are not those that were written", transient=False)
    return mail
