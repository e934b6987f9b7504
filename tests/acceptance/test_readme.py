"""The README is true: its session is what the program prints, its commands all work."""

import re
import shutil
from pathlib import Path

import pytest

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


def squeezed(text: str) -> list[str]:
    """Return the lines of a text without what a terminal's width and a run's id decide."""
    lines = (re.sub(r"[─\s]+", " ", line).strip() for line in text.splitlines())
    return [line for line in lines if not line.startswith("Alert al_")]


def test_the_session_is_what_the_shipped_configuration_prints(shipped: Town) -> None:
    printed = squeezed(shipped.tocsin("run").out)
    told = [line for line in squeezed(BLOCKS[0]) if line not in {"$ make run", "…", ""}]
    assert len(told) > 20
    assert [line for line in told if line not in printed] == []


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
