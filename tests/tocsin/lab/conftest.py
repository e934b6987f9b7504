"""A town whose past is replayed once for all tests of the lab."""

from pathlib import Path

import pytest

from core.clock import SystemClock
from tests.acceptance.town import QUIET, RISING, Town
from tocsin.config import Config, load
from tocsin.lab.replay import replay
from tocsin.lab.window import Replayed, Window
from tocsin.stores import opened


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Storm rises at the end of five years, two calm provinces do not; one run was made."""
    made = Town(tmp_path_factory.mktemp("town"))
    made.configure()
    calm = {f"Calm {n}": QUIET[n:] + QUIET[:n] for n in range(2)}
    made.record({**calm, "Storm": RISING})
    assert made.tocsin("run").code == 0
    return made


@pytest.fixture(scope="session")
def config(town: Town) -> Config:
    return load(town.folder / "config.toml")


@pytest.fixture(scope="session")
def replayed(config: Config) -> Replayed:
    """Every threshold of any of three months, read at the end of each month."""
    with opened(config, None, "read", SystemClock()) as stores:
        return replay(config, stores, SystemClock(), Window("provinces"))


@pytest.fixture
def folder(town: Town) -> Path:
    return town.folder
