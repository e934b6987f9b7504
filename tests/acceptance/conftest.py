"""A town to warn: a folder with a configuration, a tracker's file and the real program."""

from pathlib import Path

import pytest

from tests.acceptance.town import QUIET, RISING, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.configure()
    made.record({"Calm": QUIET, "Storm": RISING})
    return made
