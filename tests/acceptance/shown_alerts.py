"""The session of docs/duty.md, made by the program.

Ids and times differ from run to run: shown are one id, and times as if the run had been at six on
the first day of October 2022, which is the demonstration's today.
"""

import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.acceptance.town import Town

ROOT = Path(__file__).resolve().parents[2]
DUTY = ROOT / "docs" / "duty.md"
SHOWN_ID = "al_5e446e485bb6fb86e2e3"
_BLOCK = re.compile(r"(?<=```console\n).*?(?=```)", re.DOTALL)
_NAME = re.compile(r"al_[0-9a-f]{8,20}")
_STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d(?=Z)|\b20\d\d-\d\d-\d\d\b")
_SIX = datetime(2022, 10, 1, 6, tzinfo=UTC)
_HALF_DAY = timedelta(hours=12)


def written_alerts() -> str:
    """Return the session that the page shows."""
    found = _BLOCK.search(DUTY.read_text(encoding="utf-8"))
    assert found, "the page shows no session"
    return found[0]


def made_alerts(folder: Path) -> str:
    """Return the session that the page should show: its commands, with what they print now."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    town, now = Town(folder), datetime.now(UTC)
    assert town.tocsin("run").code == 0
    (alert,) = town.tocsin("alerts", "list", "--format", "json").data
    lines = []
    for command in re.findall(r"^\$ (tocsin .*)$", written_alerts(), re.MULTILINE):
        asked = command.replace(SHOWN_ID[:9], alert["alert"][:9])
        answer = town.tocsin(*shlex.split(asked)[1:])
        assert answer.code == 0, (command, answer.err)
        lines += [f"$ {command}", *(line.rstrip() for line in answer.out.splitlines())]
    return _steady("\n".join(lines), now) + "\n"


def _steady(text: str, now: datetime) -> str:
    """Return a text with one id, and times counted from six o'clock in steps of half a day."""
    text = _NAME.sub(lambda found: SHOWN_ID[: len(found[0])], text)
    return _STAMP.sub(lambda found: _moved(found[0], now), text)


def _moved(shown: str, now: datetime) -> str:
    instant = datetime.fromisoformat(shown).replace(tzinfo=UTC)
    if instant < now - timedelta(days=366):
        return shown  # a day of the data
    form = "%Y-%m-%dT%H:%M" if "T" in shown else "%Y-%m-%d"
    start = now if "T" in shown else now.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = round((instant - start) / _HALF_DAY)
    return (_SIX + steps * _HALF_DAY).strftime(form)
