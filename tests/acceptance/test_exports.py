"""docs/exports.md is true: its commands work in the real program, in their order."""

import re
import shutil
from pathlib import Path

from tests.acceptance.town import Town

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_writes_its_file(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    town = Town(tmp_path)
    assert town.tocsin("run").code == 0
    commands = re.findall(r"^\$ tocsin (export .*)$", PAGE, re.MULTILINE)
    assert {command.split()[1] for command in commands} == set(
        re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    )
    for command in commands:
        answer = town.tocsin(*command.split())
        assert (answer.code, answer.err) == (0, ""), command
        out = tmp_path / command.split()[-1]
        assert out.exists(), command
        assert str(out.name) in answer.out
    assert not list(tmp_path.rglob("*.part"))


def test_an_export_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path / "config.toml")
    answer = Town(tmp_path).tocsin("export", "report", "-o", "report.html")
    assert (answer.code, answer.err.count("\n")) == (3, 1)
    assert "'tocsin run' makes it" in answer.err
