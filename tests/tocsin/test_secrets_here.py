"""A secret that a run would miss is told by those who look at the configuration before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.commands.check import check
from tocsin.config import load
from tocsin.secrets_here import missing_secrets

CONFIG = """
[[feeds]]
name = "story"
kind = "simulated"

[[watches]]
name = "provinces"
feeds = ["story"]
group_by = ["country", "admin1"]

[[channels]]
name = "soc"
kind = "webhook"
url = "https://soc.example.org/hook"
secret_env = "SOC_SECRET"
token_file = "token"

[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = { host = "mail.example.org", username = "tocsin", password_env = "MAIL_PASSWORD" }

[heartbeat]
url_env = "CHECK_URL"

[[web.tokens]]
name = "map"
token_env = "MAP_TOKEN"
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_every_secret_that_is_not_there_is_named_with_what_needs_it(written: Path) -> None:
    found = dict(missing_secrets(load(written), {"CHECK_URL": ""}))
    assert found == {
        "channel soc": f"token_file: {written.parent / 'token'} cannot be read by this user",
        "channel duty": "password_env: the environment variable MAIL_PASSWORD is not set here",
        "heartbeat": "url_env: the environment variable CHECK_URL is not set here",
        "web": "token_env: the environment variable MAP_TOKEN is not set here",
    }
    told = list(missing_secrets(load(written), {}))
    assert (
        "channel soc",
        "secret_env: the environment variable SOC_SECRET is not set here",
    ) in told


def test_nothing_is_said_where_all_can_be_read(written: Path) -> None:
    (written.parent / "token").write_text("t" * 24, encoding="utf-8")
    names = ("SOC_SECRET", "MAIL_PASSWORD", "CHECK_URL", "MAP_TOKEN")
    assert not list(missing_secrets(load(written), dict.fromkeys(names, "x" * 32)))


def test_the_check_tells_it_and_still_calls_the_file_fine(
    written: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOC_SECRET", raising=False)
    assert check(written) == []
    out = capsys.readouterr().out
    assert f"{written}: fine. 1 feed, 1 watch, 0 rules, 2 channels, 0 routes." in out
    assert "missing in this shell: channel soc: secret_env: the environment variable" in out
