"""The README is true: its session is what the program prints, its commands all work."""

import re
import shutil
from pathlib import Path

import pytest

from tests.acceptance.shown import made_session, written_session
from tests.acceptance.town import Town

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def shipped(tmp_path: Path) -> Town:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    return Town(tmp_path)


def commands() -> list[str]:
    lines = [line for block in BLOCKS for line in block.splitlines()]
    return [line[2:].split("#")[0].strip() for line in lines if line.startswith("$ tocsin")]


def test_the_session_is_what_the_shipped_configuration_prints(tmp_path: Path) -> None:
    """`make docs` rewrites the README's session when the program prints another."""
    assert made_session(tmp_path) == written_session()


def test_every_command_of_the_readme_works_in_its_order(shipped: Town) -> None:
    shipped.tocsin("run")
    found = commands()
    assert len(found) >= 8
    for command in found:
        answer = shipped.tocsin(*command.split()[1:])
        assert answer.code == 0, (command, answer.err)
    assert (shipped.folder / "forecasts.csv").exists()


def test_every_page_that_is_named_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)
