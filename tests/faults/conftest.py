"""What holds after every fault: made = delivered + pending + dead, in every database it left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.counts import assert_all_add_up


@pytest.fixture(autouse=True)
def counts_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """Count the messages of each database that a test has made, once it is over."""
    folder: Path | None = None
    if "tmp_path" in request.fixturenames:
        folder = request.getfixturevalue("tmp_path")
    yield
    if folder is not None:
        assert_all_add_up(folder)
