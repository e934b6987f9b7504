"""Row 48: nothing that comes from outside adds a line to a mail's headers."""

from __future__ import annotations

import random
from pathlib import Path

from alerts.channels.channel import DeliveryError
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
FIELDS = ("place", "unit", "label", "from", "to")
ALLOWED = {
    *("from", "to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("auto-submitted", "mime-version", "content-type"),
}


def payloads(count: int) -> list[str]:
    """Mixtures of the pieces, every piece alone first; always the same ones."""
    rng = random.Random(48)
    mixed = ["".join(rng.choices(PIECES, k=rng.randint(2, 4))) for _ in range(count)]
    return [*PIECES, *mixed][:count]


def send_all(folder: Path, recorder: Recorder, field: str, hostile: list[str]) -> int:
    """Send one mail per payload in one field; return how many were refused before sending."""
    refused = 0
    with MailServer(recorder) as server:
        plain = mail_channel(folder, server.port)
        for number, payload in enumerate(hostile):
            if field in {"place", "unit", "label"}:
                plain.send(delivery(number, **{field: payload}))
                continue
            named = f"{payload.replace('<', '').replace('>', '')} <a@example.org>"
            keys = {"from": named} if field == "from" else {"to": [named]}
            try:
                mail_channel(folder, server.port, **keys).send(delivery(number))
            except (ValueError, DeliveryError):
                refused += 1
    return refused


def test_five_hundred_payloads_in_every_header_field_add_no_header_line(tmp_path: Path) -> None:
    extra = mails = refused = 0
    for field in FIELDS:
        got = Recorder()
        hostile = payloads(500)
        refused += send_all(tmp_path, got, field, hostile)
        for number in range(len(got.mails)):
            found = [name.lower() for name in got.parsed(number)]
            extra += len([n for n in found if n not in ALLOWED]) + len(found) - len(set(found))
            assert got.parsed(number).get_content_type() == "multipart/alternative"
        assert all(people in (["duty@example.org"], ["a@example.org"]) for people in got.people)
        mails += len(got.mails)
    assert mails + refused == 500 * len(FIELDS)
    assert mails >= 450 * len(FIELDS)
    assert extra == 0
    print(f"row 48: {mails} mails, {refused} refused at load, {extra} extra header lines")
