"""A file feed has a path or a URL, and shows nothing of a URL that may be a secret."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import FeedError
from feeds.file_settings import FileSettings


def made(**keys: Any) -> FileSettings:
    return FileSettings.model_validate({"name": "f", "kind": "csv", **keys})


@pytest.mark.parametrize("keys", [{}, {"path": "f.csv", "url": "https://example.org/f.csv"}])
def test_exactly_one_of_path_and_url_is_given(keys: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give either path or url"):
        made(**keys)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/f.csv",
        "ftp://example.org/f.csv",
        "file:///etc/passwd",
        "https://",
        "https://user:canary@example.org/f.csv",
        "https://example.org/a b.csv",
        "https://example.org\\@127.0.0.1/f.csv",
        "https://exa\x1bmple.org/f.csv",
        "https://example.org/\x1b[2J.csv",
        "https://bücher.example/f.csv",
        "https://[::1/f.csv",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_as_a_whole_table_without_its_text(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        made(url=url)
    (detail,) = caught.value.errors()
    assert detail["loc"] == ()
    assert "canary" not in detail["msg"]


@pytest.mark.parametrize("keys", [{"allow_networks": ["10.0.0.0/40"]}, {"timeout": 0}])
def test_networks_and_timeouts_that_cannot_be_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(keys))):
        made(url="https://example.org/f.csv", **keys)


@pytest.mark.parametrize(
    ("url", "origin", "name"),
    [
        (
            "https://ucdp.uu.se/downloads/candidateged/GEDEvent_v26_0_8.csv",
            "https://ucdp.uu.se/…/GEDEvent_v26_0_8.csv",
            "GEDEvent_v26_0_8.csv",
        ),
        ("https://EXAMPLE.org:8443/f.gz?k=canary#x", "https://example.org:8443/…/f.gz", "f.gz"),
        ("https://example.org/canary/export", "https://example.org", "export"),
        ("https://example.org?key=canary.csv", "https://example.org", ""),
        ("https://example.org/%1b%5b2J.csv", "https://example.org", "%1b%5b2J.csv"),
        ("https://[2001:db8::1]/f.zip", "https://[2001:db8::1]/…/f.zip", "f.zip"),
    ],
)
def test_of_a_url_the_host_is_shown_and_a_last_part_that_is_a_file_name(
    url: str, origin: str, name: str
) -> None:
    settings = made(url=url)
    assert (settings.origin, settings.file_name) == (origin, name)
    assert "canary" not in settings.origin


def test_of_a_path_the_files_name_is_shown() -> None:
    settings = made(path="../secret/f.csv")
    assert (settings.origin, settings.file_name) == ("f.csv", "f.csv")
    assert settings.locate(Path("/etc")) == Path("/etc/../secret/f.csv")


def test_a_url_has_no_place_on_this_machine() -> None:
    with pytest.raises(FeedError, match="a url, not a path"):
        made(url="https://example.org/f.csv").locate(Path("/etc"))


def test_where_a_file_comes_from_does_not_decide_how_it_is_read() -> None:
    there = made(
        url="https://example.org/f.csv", allow_networks=["10.0.0.0/8"], ca_file="a.pem", timeout=9
    )
    assert there.reading() == made(path="f.csv").reading()
    assert there.reading() != made(path="f.csv", max_decoded_mb=9).reading()


def test_settings_with_a_url_load_no_http_client() -> None:
    code = (
        "import sys; from feeds.registry import settings_class\n"
        "keys = {'name': 'f', 'url': 'https://example.org/f.csv'}\n"
        "settings_class('counts-csv').model_validate(keys).origin\n"
        "print([m for m in ('requests', 'urllib3', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
