"""The questions of docs/api.md, asked of the shipped configuration."""

import re
import shlex
import shutil
from pathlib import Path

import requests

from tests.acceptance.town import Town
from tests.tocsin.web.conftest import served

ROOT = Path(__file__).resolve().parents[2]
API = ROOT / "docs" / "api.md"
_BLOCK = re.compile(r"(?<=```console\n)\$ curl .*?(?=```)", re.DOTALL)
_SHOWN = "http://127.0.0.1:8088"


def written_questions() -> str:
    """Return the session that the page shows."""
    found = _BLOCK.search(API.read_text(encoding="utf-8"))
    assert found, "docs/api.md shows no question"
    return found[0]


def made_questions(folder: Path) -> str:
    """Return the session that the page should show: its commands and their answers now."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    assert Town(folder).tocsin("run").code == 0
    commands = re.findall(r"^\$ (curl .*)$", written_questions(), re.MULTILINE)
    with served(folder) as site:
        answers = [f"$ {one}\n{_answer(one, site.url)}" for one in commands]
    return "".join(answers)


def _answer(command: str, url: str) -> str:
    """Return what curl would print; the day of access is that of the demonstration."""
    *options, address = shlex.split(command)[2:]
    headers = dict(one.split(": ") for one in options if one != "-H")
    answer = requests.get(address.replace(_SHOWN, url), headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return re.sub(r"accessed \d{4}-\d\d-\d\d", "accessed 2022-10-01", answer.text)
