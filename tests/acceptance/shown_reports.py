"""What docs/brief.md shows of the program, made by the program."""

import re
import shutil
from pathlib import Path

from tests.acceptance.town import Town

ROOT = Path(__file__).resolve().parents[2]
BRIEF = ROOT / "docs" / "brief.md"
_BRIEF = re.compile(r"(?<=```console\n)\$ tocsin (brief .*?)\n.*?(?=```)", re.DOTALL)
_LAST_SHOWN = "REGIONS THAT CAME AND WENT"


def _shown() -> re.Match[str]:
    found = _BRIEF.search(BRIEF.read_text(encoding="utf-8"))
    assert found, "docs/brief.md shows no brief"
    return found


def written_brief() -> str:
    """Return the brief that docs/brief.md shows."""
    return _shown()[0]


def made_brief(folder: Path) -> str:
    """Return the first sections of the brief that docs/brief.md should show."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    town, command = Town(folder), _shown()[1]
    town.tocsin("run")
    answer = town.tocsin(*command.split())
    assert answer.code == 0, answer.err
    head, _, _ = answer.out.partition(f"\n{_LAST_SHOWN}")
    return f"$ tocsin {command}\n{head}…\n"
