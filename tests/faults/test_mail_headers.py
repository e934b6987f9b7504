"""Row 48: nothing that comes from outside adds a line to a mail's headers."""

from __future__ import annotations

import random
from collections.abc import Callable
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.channels.channel import Channel, DeliveryError
from tests.alerts.mail import MailServer, Recorder, mail_channel
from tests.alerts.samples import delivery

PIECES = (
    *("\r\nBcc: evil@example.net", "\nBcc: evil@example.net", "\rBcc: evil@example.net"),
    *("=?utf-8?q?x=0aBcc=3A_evil@example.net?=", "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?="),
    *(
        "=?utf-8?q?=0d=0aBcc=3a?= evil@example.net",
        "=?iso-8859-1?Q?a=0AX-Evil:_1?=",
        "?==?utf-8?q?",
    ),
    *("\x0bBcc: evil@example.net", "\x0cX-Evil: 1", "\x1cX-Evil: 1", "\x85X-Evil: 1"),
    *(
        "\u2028X-Evil: 1",
        "\u2029Bcc: evil@example.net",
        "\x00",
        "\n",
        "\r\n",
        "\r\n\r\n<b>body</b>",
    ),
    *('"', "\\", "<evil@example.net>", ", evil@example.net", ";", ":", "(", "\u202e", "\ud800"),
    *("é" * 60, "x" * 200, " " * 90, "=?", "?=", "=0a", "%0aBcc:", "\t", "Kabul", "北京" * 30),
)
ALLOWED = {
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("auto-submitted", "mime-version", "content-type"),
}


def payloads(count: int) -> list[str]:
    """Mixtures of the pieces, every piece alone first; always the same ones."""
    rng = random.Random(48)
    mixed = ["".join(rng.choices(PIECES, k=rng.randint(2, 4))) for _ in range(count)]
    return [*PIECES, *mixed][:count]


def in_the_subject(channel_at: Callable[..., Channel], number: int, payload: str) -> None:
    """Send the payload as place, unit and label: all three stand in the subject."""
    channel_at().send(delivery(number, place=payload, unit=payload, label=payload))


def in_the_mailboxes(channel_at: Callable[..., Channel], number: int, payload: str) -> None:
    """Send the payload as the name of the sender and of two recipients."""
    name = payload.replace("<", "").replace(">", "")
    people = [f"{name} <a@example.org>", f"{name} <b@example.org>"]
    channel_at(**{"from": f"{name} <tocsin@example.org>"}, to=people).send(delivery(number))


@pytest.mark.parametrize("put", [in_the_subject, in_the_mailboxes])
def test_five_hundred_payloads_in_every_header_field_add_no_header_line(
    tmp_path: Path, put: Callable[..., None]
) -> None:
    got, refused, extra = Recorder(), 0, 0
    with MailServer(got) as server:
        channel_at = partial(mail_channel, tmp_path, server.port)
        for number, payload in enumerate(payloads(500)):
            try:
                put(channel_at, number, payload)
            except (ValidationError, DeliveryError):
                refused += 1
    parser = BytesHeaderParser()
    for mail in got.mails:
        found = [name.lower() for name in parser.parsebytes(mail)]
        extra += len([name for name in found if name not in ALLOWED])
        extra += len(found) - len(set(found))
    people = {tuple(one) for one in got.people}
    assert people <= {("duty@example.org",), ("a@example.org", "b@example.org")}
    assert len(got.mails) + refused == 500
    assert refused < 50
    assert extra == 0
    print(f"row 48, {put.__name__}: {len(got.mails)} mails, {refused} refused, {extra} extra lines")
