"""The `[web]` table: where it listens, and that it is never open to strangers by mistake."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from tests.acceptance.town import CONFIG, SCREEN
from tocsin.config import Config, load


def configured(folder: Path, web: str) -> Config:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(channels=SCREEN) + web, encoding="utf-8")
    return load(path)


def test_without_the_table_nothing_is_served(tmp_path: Path) -> None:
    assert configured(tmp_path, "").web is None


def test_an_empty_table_listens_on_this_machine_only(tmp_path: Path) -> None:
    web = configured(tmp_path, "[web]\n").web
    assert web
    assert web.address.ip.is_loopback
    assert web.local_role == "operator"


def test_whoever_adds_tokens_ends_the_free_entry_from_this_machine(tmp_path: Path) -> None:
    web = configured(tmp_path, '[[web.tokens]]\nname = "desk"\ntoken_env = "T"\n').web
    assert web
    assert web.local_role is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://tocsin.example.org/", "https://tocsin.example.org"),
        ("https://tocsin.example.org:8443", "https://tocsin.example.org:8443"),
        ("http://127.0.0.1:8088", "http://127.0.0.1:8088"),
        ("http://[::1]:8088", "http://[::1]:8088"),
    ],
)
def test_links_begin_where_people_reach_the_pages(tmp_path: Path, written: str, kept: str) -> None:
    told = f'[web]\nhosts = ["tocsin.example.org"]\npublic_url = "{written}"\n'
    web = configured(tmp_path, told).web
    assert web
    assert web.public_url == kept


def test_a_mail_with_links_needs_a_key_to_sign_them(tmp_path: Path) -> None:
    mail = (
        '\n[[channels]]\nname = "duty"\nkind = "email"\nfrom = "a@example.org"\n'
        'to = ["b@example.org"]\nsmtp = { host = "mail.example.org" }\nack_links = true\n'
    )
    with pytest.raises(ConfigError, match=r"there is no key to sign with; add \[web.ack_links\]"):
        configured(tmp_path, mail)


@pytest.mark.parametrize(
    ("web", "words"),
    [
        ('[web]\nlisten = "10.0.0.1:80"', "open to others and nobody has to say who they are"),
        (
            '[web]\nlisten = "0.0.0.0:80"\n[[web.tokens]]\nname = "a"\ntoken_env = "T"',
            "hosts: 0.0.0.0:80 has no name of its own",
        ),
        ('[web]\nlisten = "tocsin.example.org:80"', "is not ADDRESS:PORT"),
        ('[web]\nlisten = "127.0.0.1:99999"', "is not ADDRESS:PORT"),
        ('[web]\nlisten = "127.0.0.999:80"', "does not appear to be an IPv4 or IPv6 address"),
        ('[web]\nlissten = "127.0.0.1:80"', "did you mean 'listen'?"),
        ("[web.proxy]\naddresses = []", "at least 1 item"),
        ('[web]\npublic_url = "http://tocsin.example.org"', "is not an address such as https://"),
        ('[web]\npublic_url = "https://me:canary@127.0.0.1"', "no path, name or password in it"),
        ('[web]\npublic_url = "https://127.0.0.1/tocsin"', "no path, name or password in it"),
        ('[web]\npublic_url = "https://127.0.0.1:99999"', "Port out of range"),
        ('[web]\npublic_url = "javascript:alert(1)"', "is not an address such as https://"),
        (
            '[web]\npublic_url = "https://tocsin.example.org"',
            "tocsin.example.org is not among the hosts, so that its links would be refused",
        ),
        ('[web.ack_links]\nsecret_env = "X"', "links need to know where people reach the pages"),
        (
            (
                '[[web.tokens]]\nname = "a"\ntoken_env = "T"\n'
                '[[web.tokens]]\nname = "a"\ntoken_env = "U"'
            ),
            "'a' stands twice",
        ),
        (
            '[[web.tokens]]\nname = "a"\ntoken_env = "T"\nwatches = ["provinzes"]',
            "fits no watch",
        ),
        (
            '[web.proxy]\naddresses = ["127.0.0.1"]\n[[web.proxy.users]]\nwatches = ["provinzes"]',
            "fits no watch",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(tmp_path: Path, web: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        configured(tmp_path, web)
    assert words in refused.value.line()
    assert "\n" not in refused.value.line()


def test_the_table_changes_no_forecast_and_so_no_run(tmp_path: Path) -> None:
    assert configured(tmp_path, "").digest == configured(tmp_path, "[web]\n").digest
