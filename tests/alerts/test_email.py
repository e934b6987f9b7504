"""Mail over a real SMTP server: two parts, one thread, refusals told apart."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channels.channel import DeliveryError
from alerts.channels.email_settings import EmailSettings, Mailbox, SmtpSettings
from alerts.channels.letter import header_safe
from alerts.messages import Message
from alerts.rendering import subject, text
from core.errors import ConfigError
from tests.alerts.mail import LOGIN, PASSWORD, Certificates, MailServer, Recorder, mail_channel
from tests.alerts.samples import delivery, page


def refused(channel: Any, number: int = 1) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery(number))
    return caught.value


def test_a_mail_has_a_text_part_first_and_an_html_part(tmp_path: Path) -> None:
    got = Recorder()
    with MailServer(got) as server:
        assert mail_channel(tmp_path, server.port).send(delivery()) == "taken for 1 of 1"
    message = Message.model_validate(delivery().body)
    plain, rich = got.parsed().iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == text(message)
    assert rich.get_content().replace("\r\n", "\n") == page(message) + "\n"
    assert got.parsed()["Subject"] == subject(message)


def test_its_headers_say_that_a_program_wrote_it_and_when(tmp_path: Path) -> None:
    got = Recorder()
    with MailServer(got) as server:
        mail_channel(tmp_path, server.port, to=["A B <a@example.org>", "c@example.org"]).send(
            delivery()
        )
    mail = got.parsed()
    assert mail["From"] == "Tocsin <tocsin@example.org>"
    assert mail["To"] == "A B <a@example.org>, c@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Mon, 03 Oct 2022 06:00:00 +0000"
    assert got.people == [["a@example.org", "c@example.org"]]


def test_all_mails_of_one_alert_are_one_thread(tmp_path: Path) -> None:
    got = Recorder()
    with MailServer(got) as server:
        channel = mail_channel(tmp_path, server.port)
        channel.send(delivery(1))
        channel.send(delivery(2))
    first, second = got.parsed(0), got.parsed(1)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Message-ID"] == "<msg_00000000000000000001@example.org>"
    assert first["References"] == second["References"] == "<al_0123456789abcdef0123@example.org>"


def test_a_repeat_is_the_same_mail_byte_for_byte(tmp_path: Path) -> None:
    got = Recorder()
    with MailServer(got) as server:
        for _ in range(2):
            mail_channel(tmp_path, server.port).send(delivery())
    assert got.mails[0] == got.mails[1]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_login_goes_over_verified_tls(tmp_path: Path, security: str) -> None:
    got, certificates = Recorder(), Certificates(tmp_path)
    smtp = {"security": security, "ca_file": certificates.ca_file, **LOGIN}
    with MailServer(got, **{security: certificates.good()}) as server:
        mail_channel(tmp_path, server.port, smtp=smtp).send(delivery())
    assert got.logins == [PASSWORD.encode()]
    assert len(got.mails) == 1


def test_a_wrong_password_can_be_mended_while_the_message_waits(tmp_path: Path) -> None:
    got, certificates = Recorder(login_works=False), Certificates(tmp_path)
    smtp = {"security": "starttls", "ca_file": certificates.ca_file, **LOGIN}
    with MailServer(got, starttls=certificates.good()) as server:
        error = refused(mail_channel(tmp_path, server.port, smtp=smtp))
    assert error.transient
    assert error.detail == "the mail server refused: 535"
    assert got.mails == []


@pytest.mark.parametrize(
    ("answer", "transient"), [("451 later", True), ("554 never", False), ("552 too big", False)]
)
def test_the_servers_code_says_whether_to_try_again(
    tmp_path: Path, answer: str, transient: bool
) -> None:
    with MailServer(Recorder(data_answer=answer)) as server:
        error = refused(mail_channel(tmp_path, server.port))
    assert error.transient is transient
    assert error.detail == f"the mail was refused: {answer}"


@pytest.mark.parametrize(
    ("answers", "transient"),
    [
        (("550 no such user", "550 no such user"), False),
        (("450 full", "550 no such user"), True),
    ],
)
def test_a_mail_that_nobody_may_get_is_refused_for_good_only_by_all(
    tmp_path: Path, answers: tuple[str, str], transient: bool
) -> None:
    people = ["a@example.org", "b@example.org"]
    got = Recorder(refuse=dict(zip(people, answers, strict=True)))
    with MailServer(got) as server:
        error = refused(mail_channel(tmp_path, server.port, to=people))
    assert error.transient is transient
    assert f"a@example.org: {answers[0]}" in error.detail


def test_one_refused_recipient_is_named_and_the_others_get_it_once(tmp_path: Path) -> None:
    got = Recorder(refuse={"gone@example.org": "550 no such user"})
    with MailServer(got) as server:
        channel = mail_channel(tmp_path, server.port, to=["gone@example.org", "here@example.org"])
        detail = channel.send(delivery())
    assert detail == "taken for 1 of 2; refused: gone@example.org: 550 no such user"
    assert got.people == [["here@example.org"]]


def test_a_server_that_is_not_there_fails_for_now(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = refused(mail_channel(tmp_path, taken.getsockname()[1]))
    assert error.transient
    assert "it cannot be reached: Connection refused" in error.detail


def test_a_server_that_hangs_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = refused(mail_channel(tmp_path, port, smtp={"timeout": 0.2}))
    assert error.transient
    assert error.detail == "mail server: it took longer than 0.2 s"


def test_a_server_that_says_a_word_now_and_then_is_left_too(tmp_path: Path) -> None:
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            while not over.wait(0.05):
                connection.sendall(b"220-still here\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        error = refused(mail_channel(tmp_path, listening.getsockname()[1], smtp={"timeout": 0.5}))
        over.set()
        thread.join()
    assert error.transient
    assert error.detail == "mail server: it took longer than 0.5 s"


def test_a_mail_that_was_taken_is_not_sent_again_because_of_a_bad_goodbye(tmp_path: Path) -> None:
    answers = [b"220 hi", b"250 fine", b"250 fine", b"250 fine", b"354 go", b"250 taken", b"451 no"]

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            for answer in answers:
                connection.sendall(answer + b"\r\n")
                ends = b".\r\n" if answer.startswith(b"354") else b"\n"
                while (line := lines.readline()) and not line.endswith(ends):
                    pass
                while ends == b".\r\n" and line and line != ends:
                    line = lines.readline()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        detail = mail_channel(tmp_path, listening.getsockname()[1]).send(delivery())
        thread.join()
    assert detail == "taken for 1 of 1"


def test_a_server_that_hangs_up_in_the_middle_fails_for_now(tmp_path: Path) -> None:
    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"220 hello\r\n")
            connection.recv(100)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        error = refused(mail_channel(tmp_path, listening.getsockname()[1]))
        thread.join()
    assert error.transient


# Settings


def settings(**keys: Any) -> EmailSettings:
    given = {
        "name": "duty",
        "kind": "email",
        "from": "tocsin@example.org",
        "to": ["duty@example.org"],
        "smtp": {"host": "mail.example.org"},
    }
    return EmailSettings.model_validate({**given, **keys})


def test_starttls_and_the_usual_ports_are_the_defaults() -> None:
    assert (settings().smtp.security, settings().smtp.effective_port) == ("starttls", 587)
    ports = [
        SmtpSettings(host="localhost", security=kind).effective_port for kind in ("tls", "none")
    ]
    assert ports == [465, 25]


@pytest.mark.parametrize("host", ["mail.example.org", "10.0.0.1", "localhost.example.org", "::2"])
def test_plain_smtp_is_for_this_machine_only(host: str) -> None:
    with pytest.raises(ValidationError, match="only on this machine"):
        SmtpSettings(host=host, security="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_plain_smtp_to_this_machine_is_fine(host: str) -> None:
    assert SmtpSettings(host=host, security="none").host == host


def test_a_password_without_a_username_is_an_error() -> None:
    with pytest.raises(ValidationError, match="password but no username"):
        SmtpSettings(host="localhost", password_env="X")


def test_a_username_without_a_password_is_an_error_at_load(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the password needs exactly one place"):
        mail_channel(tmp_path, 25, smtp={"username": "tocsin"})


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_certificate_file_is_an_error_at_load(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"channels\.duty: cannot read certificates from ca\.pem"):
        mail_channel(tmp_path, 25, smtp={"security": "tls", "ca_file": "ca.pem"})


@pytest.mark.parametrize(
    "address",
    [
        *("", "nobody", "a b@example.org", "a@b@c", "é@example.org", "a@", "@b", "a@exa mple.org"),
        *("<a@example.org", "a@example.org>", "A <b@c> d", "A <b@c>, D <e@f>", "a@b, c@d"),
        *(f"{'x' * 65}@example.org", f"a@{'x.' * 130}org", 7),
    ],
)
def test_what_is_no_mail_address_is_refused(address: Any) -> None:
    with pytest.raises(ValidationError):
        settings(to=[address])


@pytest.mark.parametrize("text", ["Duty Desk <d@example.org>", '"Duty Desk"<d@example.org>'])
def test_a_mailbox_may_have_a_name(text: str) -> None:
    assert settings(to=[text]).to == (Mailbox("Duty Desk", "d@example.org"),)
    assert settings(to=["<d@example.org>"]).to == (Mailbox("", "d@example.org"),)


def test_header_values_hold_no_line_break_and_no_encoded_word() -> None:
    assert header_safe("a\r\nBcc: x =?utf-8?q?=0aBcc?= \x00") == "a Bcc: x = ?utf-8?q? =0aBcc? ="
