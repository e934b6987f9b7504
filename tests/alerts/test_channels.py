"""Kinds of channels, their secrets, and the two that stay on this machine."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts import registry
from alerts.channels import credentials
from alerts.channels.channel import Channel, DeliveryError, Surroundings
from core.clock import FixedClock
from core.errors import ConfigError
from tests.alerts.samples import NOW, body, delivery


def around(folder: Path, console: Any = None, **environment: str) -> Surroundings:
    return Surroundings(folder, environment, FixedClock(NOW), console or io.StringIO())


def opened(kind: str, surroundings: Surroundings, **keys: Any) -> Channel:
    settings = registry.settings_class(kind).model_validate({"name": "x", "kind": kind, **keys})
    return registry.open_channel(settings, surroundings)


# Kinds


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="use console, file, cap, email, apprise, webhook"):
        registry.settings_class("pigeon")


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_kind_refuses_an_unknown_key(kind: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        registry.settings_class(kind).model_validate({"name": "x", "kind": kind, "pth": "y"})


# Secrets


def source(env: str | None = None, file: str | None = None) -> credentials.Source:
    return credentials.Source("duty", "password", env, file)


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n", encoding="utf-8")
    world = around(tmp_path, PW="s3cret")
    for place in (source(env="PW"), source(file="pw")):
        found = credentials.read(place, world)
        assert found.get_secret_value() == "s3cret"
        assert "s3cret" not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("env", "file", "line"),
    [
        (None, None, "channels.duty: the password needs exactly one place; set password_env or"),
        ("PW", "pw", "channels.duty: the password needs exactly one place"),
        ("NOPE", None, "channels.duty: the environment variable NOPE is not set; set it to the"),
        ("EMPTY", None, "channels.duty: the password is empty; put it in EMPTY"),
        (None, "nope", "No such file or directory"),
        (None, "binary", "not UTF-8 text"),
        (None, "blank", "channels.duty: the password is empty; put it in blank"),
    ],
)
def test_a_missing_secret_says_where_it_was_looked_for(
    tmp_path: Path, env: str | None, file: str | None, line: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "blank").write_text(" \n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        credentials.read(source(env, file), around(tmp_path, PW="s3cret", EMPTY=""))
    assert line in caught.value.line()
    assert "s3cret" not in caught.value.line()


def test_no_settings_hold_a_secret() -> None:
    for kind in registry.KINDS:
        fields = registry.settings_class(kind).model_fields
        assert not [name for name in fields if name in {"password", "secret"}]
        assert SecretStr not in [field.annotation for field in fields.values()]


# Console


def test_the_console_prints_the_message_between_two_rules(tmp_path: Path) -> None:
    stream = io.StringIO()
    assert opened("console", around(tmp_path, stream)).send(delivery()) == "printed"
    lines = stream.getvalue().splitlines()
    assert lines[0] == lines[-1] == "─" * 78
    assert lines[1].startswith("What         ELEVATED: 8 or more deadly events")


def test_letters_that_the_console_lacks_do_not_stop_it(tmp_path: Path) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    opened("console", around(tmp_path, stream)).send(delivery(place="Ṣanʿāʾ"))
    assert b"Where        ?an??" in raw.getvalue()


def test_a_console_that_is_gone_fails_for_now(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        with pytest.raises(DeliveryError) as caught:
            opened("console", around(tmp_path, stream)).send(delivery())
        assert caught.value.transient
        # What could not be written stays in the stream's buffer: let closing it succeed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


# File


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_file_gets_one_json_line_per_message_under_the_configs_folder(tmp_path: Path) -> None:
    channel = opened("file", around(tmp_path), path="outbox/alerts.jsonl")
    assert channel.send(delivery(1)).startswith("appended ")
    channel.send(delivery(2))
    found = lines_of(tmp_path / "outbox" / "alerts.jsonl")
    assert found == [{"id": f"msg_{n:020x}", **body()} for n in (1, 2)]


def test_a_repeat_has_the_same_line(tmp_path: Path) -> None:
    channel = opened("file", around(tmp_path), path="a.jsonl")
    channel.send(delivery(1))
    channel.send(delivery(1))
    first, second = (tmp_path / "a.jsonl").read_bytes().splitlines()
    assert first == second


def test_a_line_that_a_power_loss_cut_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id":"msg_1","ty')
    opened("file", around(tmp_path), path="a.jsonl").send(delivery(2))
    cut, whole = path.read_bytes().splitlines()
    assert cut == b'{"id":"msg_1","ty'
    assert json.loads(whole)["id"] == f"msg_{2:020x}"


def test_eight_writers_at_once_never_mix_their_lines(tmp_path: Path) -> None:
    def write(start: int) -> None:
        channel = opened("file", around(tmp_path), path="a.jsonl")
        for number in range(start, start + 20):
            channel.send(delivery(number))

    threads = [threading.Thread(target=write, args=(n * 20,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {line["id"] for line in lines_of(tmp_path / "a.jsonl")}
    assert len(found) == 160


def test_a_disk_that_fills_up_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    channel = opened("file", around(tmp_path), path="a.jsonl")
    channel.send(delivery(1))
    before = (tmp_path / "a.jsonl").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, hard))
    try:
        with pytest.raises(DeliveryError) as caught:
            channel.send(delivery(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.transient
    assert (tmp_path / "a.jsonl").read_bytes() == before


def test_a_path_that_is_a_folder_fails_for_now_and_names_it(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot write") as caught:
        opened("file", around(tmp_path), path=".").send(delivery())
    assert caught.value.transient
