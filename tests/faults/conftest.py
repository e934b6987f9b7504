"""What fault tests share, and what is counted after each of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import network
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


@pytest.fixture
def connects() -> list[str]:
    """Give the list of addresses that this process connects to, from now on."""
    network.connects.clear()
    return network.connects


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 4 MB, where one may be mounted."""
    place, mount = tmp_path / "disk", shutil.which("mount")
    place.mkdir()
    order = [mount or "mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if not mount or subprocess.run(order, check=False, capture_output=True).returncode:
        pytest.skip("no small disk: mounting a tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)
