"""One run of the shipped configuration, for all exports to read."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.town import Town
from tocsin.commands.exports.asked import Asked

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Shipped:
    """The shipped configuration, where a run of it was stored, and a folder to write to."""

    config: Path
    database: Path
    folder: Path

    def asked(self, *, as_of: date | None = None, outside: bool = False) -> Asked:
        """Return what an export of its watch is asked."""
        return Asked(self.config, self.database, "provinces", as_of, outside=outside)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    assert Town(folder).tocsin("run").code == 0
    return folder


@pytest.fixture
def shipped(ran: Path, tmp_path: Path) -> Shipped:
    return Shipped(ran / "config.toml", ran / "tocsin.db", tmp_path)


@pytest.fixture
def closed(ran: Path, tmp_path: Path) -> Shipped:
    """The same, of a feed that is to stay inside."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    told = text.replace('kind = "simulated"', 'kind = "simulated"\nshare = "none"')
    (tmp_path / "config.toml").write_text(told, encoding="utf-8")
    return Shipped(tmp_path / "config.toml", ran / "tocsin.db", tmp_path)
