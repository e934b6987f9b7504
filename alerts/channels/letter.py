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
from typing import NamedTuple, cast

from alerts.channels.channel import DeliveryError
from alerts.channels.email_settings import EmailSettings, Mailbox
from alerts.messages import Message
from alerts.picture import fan_of
from alerts.templates import Templates
from alerts.tickets import AckLink
from charts import aside
from charts.fan import alt_text
from core.alerts import Delivery
from core.clock import unstamp
from core.text import clean

_NAME = 100
_CTE = "quoted-printable"


def write(
    delivery: Delivery, settings: EmailSettings, templates: Templates, link: AckLink | None = None
) -> bytes:
    """Return the mail: text first, then HTML with a chart; all mails of one alert are one thread.

    `link` acknowledges the alert; it stands in the bodies alone.

    A chart that cannot be drawn costs only itself: the mail goes without, and says so.

    Raises:
        DeliveryError: permanent, when the header block holds a line that was not put there.
    """
    message = Message.model_validate(delivery.body)
    domain = settings.sender.domain
    thread = delivery.alert_id or delivery.delivery_id
    headers = {
        "From": _shown(settings.sender),
        "To": ", ".join(_shown(recipient) for recipient in settings.to),
        "Subject": header_safe(templates.render("email", "subject", message)),
        "Date": format_datetime(unstamp(delivery.created_at)),
        "Message-ID": f"<{delivery.delivery_id}@{domain}>",
        "In-Reply-To": f"<{thread}@{domain}>",
        "References": f"<{thread}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        mail[name] = value
    picture = _picture(message) if settings.chart else _Picture()
    chart = {"cid": f"chart.{delivery.delivery_id}@{domain}", "alt": picture.alt}
    shown = chart if picture.png else None
    page = templates.render("email", "html", message, shown, link)
    plain = templates.render("email", "txt", message, link=link)
    mail.set_content(plain + picture.trouble, cte=_CTE)
    mail.add_alternative(page, subtype="html", cte=_CTE)
    # The random default would make a repeat differ from the mail that it repeats.
    mail.set_boundary(f"={delivery.delivery_id}=")
    if picture.png:
        _attach(mail, picture.png, chart["cid"], delivery.delivery_id)
    return _checked(mail.as_bytes(), [*headers, "MIME-Version", "Content-Type"])


class _Picture(NamedTuple):
    """A chart, or why there is none."""

    png: bytes = b""
    alt: str = ""
    trouble: str = ""


def _picture(message: Message) -> _Picture:
    try:
        fan = fan_of(message)
        return _Picture() if fan is None else _Picture(aside.png(fan), alt_text(fan))
    except (aside.ChartError, KeyError, ValueError) as error:
        return _Picture(trouble=f"\nThe chart is missing: {clean(str(error), 200)}.\n")


def _attach(mail: EmailMessage, png: bytes, cid: str, name: str) -> None:
    """Put the chart beside the page that shows it."""
    page = cast("list[EmailMessage]", mail.get_payload())[1]
    page.add_related(
        png, "image", "png", cid=f"<{cid}>", disposition="inline", filename="chart.png"
    )
    page.set_boundary(f"=page.{name}=")


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
