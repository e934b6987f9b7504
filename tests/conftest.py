"""What tests of several rooms share."""

from collections.abc import Callable
from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """Give the path of a real incident file; skip, saying why, where the files are not."""

    def find(name: str) -> Path:
        path = REAL_DATA / name
        if not path.exists():
            pytest.skip(f"real incident file {name} is not in ../shared/data (see README, 'Data')")
        return path

    return find
