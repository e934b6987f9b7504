"""What the documentation shows of the program, made by the program.

`make docs` runs this file and rewrites the outputs in README.md and in the pages predict.md,
scores.md, feeds.md, alerts.md, duty.md, brief.md, explanations.md, totals.md and
configuration.md of docs/; the tests compare them with what the program prints.
"""

import csv
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.acceptance.shown_alerts import DUTY, made_alerts, written_alerts
from tests.acceptance.shown_api import API, made_questions, written_questions
from tests.acceptance.shown_reports import BRIEF, made_brief, written_brief
from tests.acceptance.town import Town
from tests.feeds.conftest import rest, write_workbook

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PREDICT = ROOT / "docs" / "predict.md"
ALERTS = ROOT / "docs" / "alerts.md"
SCORES = ROOT / "docs" / "scores.md"
FEEDS = ROOT / "docs" / "feeds.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
EXPLANATIONS = ROOT / "docs" / "explanations.md"
TOTALS = ROOT / "docs" / "totals.md"
_SHOWN_ROWS = 3
_SHOWN_READINGS = 4
_CONSOLE = re.compile(r"(?<=```console\n)\$ make run\n.*?(?=```)", re.DOTALL)
_RECORD = re.compile(r"(?<=```console\n)\$ tocsin scores.*?(?=```)", re.DOTALL)
_PULLS = re.compile(r"(?<=```console\n)\$ tocsin pull\n.*?(?=```)", re.DOTALL)
_FILE = re.compile(r"^`([\w./]+)`.*?```csv\n(.*?)```", re.DOTALL | re.MULTILINE)
_RULES = re.compile(r"<!-- rules: \S+ -->\n```toml\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
_REPLAY = re.compile(r"(?<=```console\n)\$ tocsin rules replay .*?(?=```)", re.DOTALL)
_TOTALS = re.compile(r"(?<=```console\n)\$ tocsin totals .*?(?=```)", re.DOTALL)
_EXPLANATION = re.compile(r"(?<=```console\n)\$ tocsin explain .*?(?=```)", re.DOTALL)
_LAST_SHOWN = "  share of time ringing"
_CSV = re.compile(r"(?<=```csv\n).*?(?=```)", re.DOTALL)


def session(printed: str) -> str:
    """Return the part of a run's output that the README shows."""
    lines = [line.strip() for line in printed.splitlines()]
    head = next(n for n, line in enumerate(lines) if line.startswith("Region"))
    start = next(n for n, line in enumerate(lines) if line.startswith("*** "))
    end = next(n for n in range(start, len(lines)) if lines[n].startswith("Alert "))
    message = [line.rstrip() for line in printed.splitlines()[start:end]]
    shown = [lines[0], *lines[head : head + 2 + _SHOWN_ROWS], "…", *message]
    return "\n".join(["$ make run", *shown, "…", ""])


def written_session() -> str:
    """Return what the README shows."""
    found = _CONSOLE.search(README.read_text(encoding="utf-8"))
    assert found, "the README shows no session"
    return found[0]


def made_session(folder: Path) -> str:
    """Return what the README should show."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    answer = Town(folder).tocsin("run")
    assert answer.code == 0, answer.err
    return session(answer.out)


def written_prediction() -> str:
    """Return the answer that docs/predict.md shows."""
    return _CSV.findall(PREDICT.read_text(encoding="utf-8"))[1]


def made_prediction(folder: Path) -> str:
    """Return the answer to the question that docs/predict.md shows."""
    page = PREDICT.read_text(encoding="utf-8")
    (folder / "counts.csv").write_text(_CSV.findall(page)[0], encoding="utf-8")
    (command,) = re.findall(r"```console\n\$ tocsin (.*?)\n```", page)
    answer = Town(folder).tocsin(*command.split())
    assert answer.code == 0, answer.err
    return (folder / "out.csv").read_text(encoding="utf-8")


def written_record() -> str:
    """Return the backtest that docs/scores.md shows."""
    found = _RECORD.search(SCORES.read_text(encoding="utf-8"))
    assert found, "the page shows no record"
    return found[0]


def made_record(folder: Path) -> str:
    """Return the title and the models of the shipped configuration's backtest."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    town, command = Town(folder), "scores --watch provinces --backtest"
    town.tocsin("run")
    answer = town.tocsin(*command.split())
    assert answer.code == 0, answer.err
    lines = [line.strip() for line in answer.out.splitlines()]
    end = next(n for n, line in enumerate(lines) if line.startswith("Horizon"))
    shown = [line for line in lines[:end] if line]
    return "\n".join([f"$ tocsin {command}", *shown, "…", ""])


def feeds_folder(folder: Path) -> Town:
    """Write the tables and the configuration that docs/feeds.md shows."""
    page = FEEDS.read_text(encoding="utf-8")
    (folder / "inbox").mkdir()
    for name, text in _FILE.findall(page):
        if name.endswith(".xlsx"):
            write_workbook(folder / name, csv.reader(text.splitlines()))
        else:
            (folder / name).write_text(text, encoding="utf-8")
    rest(folder / "inbox")
    (config,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (folder / "config.toml").write_text(config, encoding="utf-8")
    return Town(folder)


def written_pulls() -> str:
    """Return the answer that docs/feeds.md shows."""
    found = _PULLS.search(FEEDS.read_text(encoding="utf-8"))
    assert found, "docs/feeds.md shows no pull"
    return found[0]


def made_pulls(folder: Path) -> str:
    """Return the answer that docs/feeds.md should show."""
    return f"$ tocsin pull\n{feeds_folder(folder).tocsin('pull').out}"


def written_rules() -> str:
    """Return what docs/configuration.md says of its rules."""
    return CONFIGURATION.read_text(encoding="utf-8")


def made_rules(folder: Path) -> str:
    """Return docs/configuration.md with what `tocsin rules check` says of its rules today."""
    page = written_rules()
    rules = "\n".join(found[1] for found in _RULES.finditer(page))
    shipped = (ROOT / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(f"{shipped}\n{rules}", encoding="utf-8")
    town = Town(folder)
    for command in (["run"], ["rules", "check"]):
        answer = town.tocsin(*command)
        assert answer.code == 0, answer.err
    said = {part.partition(":")[0]: part for part in re.split(r"\n(?=\S)", answer.out.strip())}
    return _RULES.sub(lambda found: _with_answer(found, said), page)


def _with_answer(found: re.Match[str], said: dict[str, str]) -> str:
    (name,) = re.findall(r'^name = "(.*?)"', found[1], re.MULTILINE)
    title, *readings = said[name].splitlines()
    more = ["  …"] if len(readings) > _SHOWN_READINGS else []
    shown = "\n".join([title, *readings[:_SHOWN_READINGS], *more, ""])
    whole, start = found[0], found.start(0)
    return whole[: found.start(2) - start] + shown + whole[found.end(2) - start :]


def written_replay() -> str:
    """Return the replay that docs/alerts.md shows."""
    found = _REPLAY.search(ALERTS.read_text(encoding="utf-8"))
    assert found, "docs/alerts.md shows no replay"
    return found[0]


def made_replay(folder: Path) -> str:
    """Return what docs/alerts.md should show: the command, and its output to the first level."""
    command = written_replay().splitlines()[0]
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    town = Town(folder)
    for arguments in ("run", command.removeprefix("$ tocsin ")):
        answer = town.tocsin(*arguments.split())
        assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    end = next(n for n, line in enumerate(lines) if line.startswith(_LAST_SHOWN))
    return "\n".join([command, *lines[: end + 1], "…", ""])


def _without_prophet() -> str:
    """Return the shipped configuration without the member that takes long."""
    return (ROOT / "config.toml").read_text(encoding="utf-8").replace(', "prophet"', "")


def _printed(town: Town, command: str) -> str:
    """Return what a command prints, as a page shows it after its prompt."""
    answer = town.tocsin(*shlex.split(command.removeprefix("$ tocsin ")))
    assert answer.code == 0, answer.err
    return answer.out


def written_explanation() -> str:
    """Return the explanation that docs/explanations.md shows."""
    found = _EXPLANATION.search(EXPLANATIONS.read_text(encoding="utf-8"))
    assert found, "docs/explanations.md shows no explanation"
    return found[0]


def made_explanation(folder: Path) -> str:
    """Return what docs/explanations.md should show: the title and the first two regions."""
    command = written_explanation().splitlines()[0]
    town = Town(folder)
    for today in ("2022-09-01", "2022-10-01"):
        config = _without_prophet().replace('as_of = "2022-10-01"', f'as_of = "{today}"')
        (folder / "config.toml").write_text(config, encoding="utf-8")
        town.tocsin("run")
    shown = _printed(town, command).split("\n\n")[:3]
    return "\n\n".join([f"{command}\n{shown[0]}", *shown[1:], "…\n"])


def written_totals() -> str:
    """Return the totals that docs/totals.md shows."""
    found = _TOTALS.search(TOTALS.read_text(encoding="utf-8"))
    assert found, "docs/totals.md shows no totals"
    return found[0]


def made_totals(folder: Path) -> str:
    """Return what docs/totals.md should show: the title and the first country."""
    command = written_totals().splitlines()[0]
    (folder / "config.toml").write_text(_without_prophet(), encoding="utf-8")
    town = Town(folder)
    town.tocsin("run")
    return "\n".join([command, *_printed(town, command).splitlines()[:6], "…", ""])


def written_country() -> str:
    """Return the explanation of a total that docs/totals.md shows."""
    found = _EXPLANATION.search(TOTALS.read_text(encoding="utf-8"))
    assert found, "docs/totals.md explains no total"
    return found[0]


def made_country(folder: Path) -> str:
    """Return what docs/totals.md should show of a country that a watch adds up."""
    command = written_country().splitlines()[0]
    config = _without_prophet().replace("[[watches]]", '[[watches]]\ntotals = ["Afghanistan"]')
    (folder / "config.toml").write_text(config, encoding="utf-8")
    town = Town(folder)
    town.tocsin("run")
    return f"{command}\n{_printed(town, command)}"


def _rewrite(page: Path, old: str, make: Callable[[Path], str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(old, make(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    _rewrite(README, written_session(), made_session)
    _rewrite(PREDICT, written_prediction(), made_prediction)
    _rewrite(SCORES, written_record(), made_record)
    _rewrite(FEEDS, written_pulls(), made_pulls)
    _rewrite(CONFIGURATION, written_rules(), made_rules)
    _rewrite(ALERTS, written_replay(), made_replay)
    _rewrite(DUTY, written_alerts(), made_alerts)
    _rewrite(BRIEF, written_brief(), made_brief)
    _rewrite(API, written_questions(), made_questions)
    _rewrite(EXPLANATIONS, written_explanation(), made_explanation)
    _rewrite(TOTALS, written_totals(), made_totals)
    _rewrite(TOTALS, written_country(), made_country)
