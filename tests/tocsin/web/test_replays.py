"""Replays are made once, one at a time, and a process that does not end is ended."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from core.errors import InputError
from core.settings import WatchSettings
from tocsin.config import load
from tocsin.lab.window import Replayed, Window
from tocsin.lab.worker import Progress
from tocsin.web import replays as module
from tocsin.web.desk import Desk
from tocsin.web.replays import Replays


@pytest.fixture
def replays(past: Path) -> Iterator[Replays]:
    config = load(past / "config.toml")
    found = Replays(Desk(config, config.database, SystemClock()))
    yield found
    found.stop()


def waited(replays: Replays, watch: WatchSettings, window: Window) -> Replayed:
    give_up = time.monotonic() + 60
    while isinstance(found := replays.ask(watch, window), Progress):
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return found


def test_a_replay_is_made_once_and_then_given_at_once(replays: Replays) -> None:
    watch = replays.desk.config.watches[0]
    window = Window(watch.name)
    assert replays.ask(watch, window) == Progress(0, 0)
    found = waited(replays, watch, window)
    assert replays.ask(watch, window) is found


def test_only_so_many_wait_for_their_turn(replays: Replays) -> None:
    watch = replays.desk.config.watches[0]
    windows = [Window(watch.name, n, kind) for kind in ("any", "total") for n in (1, 2, 3)]
    for window in windows[:5]:
        replays.ask(watch, window)
    with pytest.raises(InputError, match="5 replays are asked for already"):
        replays.ask(watch, windows[5])


def test_a_replay_that_takes_too_long_is_ended_and_may_be_asked_for_again(
    replays: Replays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0)
    watch = replays.desk.config.watches[0]
    with pytest.raises(InputError, match="has told nothing for"):
        waited(replays, watch, Window(watch.name))
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 60)
    assert waited(replays, watch, Window(watch.name)).track.origins


def test_old_answers_give_way_to_new_ones(
    replays: Replays, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_KEPT_BYTES", 1)
    watch = replays.desk.config.watches[0]
    waited(replays, watch, Window(watch.name, 1))
    waited(replays, watch, Window(watch.name, 2))
    assert isinstance(replays.ask(watch, Window(watch.name, 1)), Progress)
