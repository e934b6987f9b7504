"""The long part: what it reads, what it refuses, and what it tells meanwhile."""

import pytest

from core.clock import SystemClock
from core.errors import InputError
from tocsin.config import Config
from tocsin.lab import replay as module
from tocsin.lab.replay import replay
from tocsin.lab.window import Replayed, Window
from tocsin.lab.worker import Place, Progress, replaying
from tocsin.stores import opened


def test_it_tells_at_each_origin_how_far_it_is(config: Config) -> None:
    told: list[tuple[int, int]] = []
    with opened(config, None, "read", SystemClock()) as stores:
        found = replay(
            config, stores, SystemClock(), Window("provinces", 1), lambda *at: told.append(at)
        )
    assert told == [(n, found.track.origins) for n in range(found.track.origins)]
    assert found.track.span == 1


def test_what_is_too_much_to_keep_is_refused_before_it_is_read(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READINGS", 1_000)
    with (
        opened(config, None, "read", SystemClock()) as stores,
        pytest.raises(InputError, match=r"more than the 1,000 that pages keep; 'tocsin rules"),
    ):
        replay(config, stores, SystemClock(), Window("provinces"))


def test_a_process_gives_the_same(config: Config, replayed: Replayed) -> None:
    place = Place(config, config.database, SystemClock())
    *steps, found = replaying(place, Window("provinces"), 60).told(lambda: False)
    assert [type(step) for step in steps] == [Progress] * replayed.track.origins
    assert isinstance(found, Replayed)
    assert found.track.chances.tobytes() == replayed.track.chances.tobytes()
    assert found.label == replayed.label


def test_what_cannot_be_replayed_is_said_in_one_line(config: Config) -> None:
    place = Place(config, config.database, SystemClock())
    work = replaying(place, Window("provinces", known_then=True), 60)
    with pytest.raises(InputError, match=r"nothing is known of.*its feeds were all pulled since"):
        list(work.told(lambda: False))
