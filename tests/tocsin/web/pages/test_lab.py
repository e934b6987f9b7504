"""The lab over HTTP: who sees it, what it answers to what cannot be meant."""

import re
import time
from pathlib import Path

import pytest

from tests.tocsin.web.conftest import Site

LAB = "/lab?watch=provinces&go=1"


def replayed(site: Site, path: str = LAB, who: str | None = None) -> str:
    give_up = time.monotonic() + 60
    while True:
        answer = site.get(path, who)
        assert answer.status_code == 200, answer.text
        if "Refresh" not in answer.headers:
            return answer.text
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_nothing_is_replayed_before_somebody_asks(site: Site) -> None:
    answer = site.get("/lab?watch=places")
    assert answer.status_code == 200
    assert "Refresh" not in answer.headers
    assert ">Replay</button>" in answer.text


def test_it_says_on_which_clock_it_stands_and_writes_a_rule(site: Site) -> None:
    text = replayed(site)
    assert "Clock: by event date, with today&#39;s revised data" in text
    assert "Judged by data complete to 2024-06-30" in text
    assert "[[rules]]" in text
    assert "Naive: above the line already" in text


def test_a_window_past_the_horizon_is_as_long_as_the_watch_looks(site: Site) -> None:
    assert 'value="3" selected>3 months' in replayed(site, f"{LAB}&within=60")


def test_what_was_not_known_then_is_said_where_people_look(site: Site) -> None:
    path = f"{LAB}&clock=known-then"
    give_up = time.monotonic() + 60
    while (answer := site.get(path)).status_code == 200:
        assert time.monotonic() < give_up
        time.sleep(0.1)
    assert answer.status_code == 400
    assert re.search(r'class="fault" role="alert">[^<]*nothing is known of', answer.text)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("watch=atlantis", 404),
        ("watch=provinces&within=0", 422),
        ("watch=provinces&probability=100", 422),
        ("watch=provinces&severity=loud", 422),
        ("watch=provinces&probability=&clear=", 200),
    ],
)
def test_what_cannot_be_meant_is_refused(site: Site, query: str, status: int) -> None:
    assert site.get(f"/lab?{query}").status_code == status


def test_texts_of_the_address_do_nothing(site: Site) -> None:
    payload = "%3Cscript%3Ealert(1)%3C/script%3E"
    text = replayed(site, f"{LAB}&region={payload}&at_least={payload}")
    assert "<script" not in text
    assert "No region fits" in text


def test_readers_use_it_for_the_watches_that_they_see(guarded: Site) -> None:
    assert guarded.get("/lab?watch=places", "oslo").status_code == 200
    assert guarded.get(LAB, "oslo").status_code == 404
    assert "provinces" not in guarded.get("/lab", "oslo").text
    assert guarded.get("/lab").status_code == 401


def test_nothing_is_written(site: Site) -> None:
    before = Path(site.folder / "config.toml").read_bytes()
    replayed(site)
    assert Path(site.folder / "config.toml").read_bytes() == before
