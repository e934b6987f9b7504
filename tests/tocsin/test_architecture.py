"""The house: import directions, lazy imports, and what may never be imported where."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("tocsin")
HEAVY = ("pandas", "numpy", "prophet", "sqlite_utils", "pydantic", "numba", "scipy", "requests")


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def test_help_imports_nothing_heavy() -> None:
    code = """
import sys
sys.argv = ["tocsin", "--help"]
from tocsin.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
"""
    loaded = modules_after(code)
    assert "tocsin.cli" in loaded
    assert not loaded.intersection(HEAVY)


def test_help_lists_the_commands_of_the_contract() -> None:
    done = subprocess.run([str(PROGRAM), "--help"], capture_output=True, text=True, check=True)
    commands = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert {
        "run",
        "serve",
        "table",
        "scores",
        "brief",
        "predict",
        "backtest",
        "export",
        "doctor",
        "config",
    } <= commands


@pytest.mark.parametrize(
    "group", [(), *((name,) for name in ("alerts", "overrides", "export", "rules", "deliveries"))]
)
def test_no_line_of_help_is_cut_on_a_narrow_terminal(group: tuple[str, ...]) -> None:
    command, narrow = [str(PROGRAM), *group, "--help"], os.environ | {"COLUMNS": "80"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=narrow)
    _, commands = done.stdout.split("Commands:\n")
    assert all(line.endswith(".") and "..." not in line for line in commands.splitlines())


def test_reading_the_settings_of_channels_loads_no_messages() -> None:
    kinds = ("console", "file", "email_settings", "webhook_settings")
    loaded = modules_after(f"import {', '.join(f'alerts.channels.{kind}' for kind in kinds)}")
    assert "alerts.channels.channel" in loaded
    assert "alerts.messages" not in loaded


def test_the_table_and_the_delivery_loop_load_no_engine() -> None:
    table = modules_after("import tocsin.commands.table, tocsin.commands.scores, alerts.rules")
    assert not table.intersection({"pandas", "numba", "sqlite_utils", "scipy"})
    delivery = modules_after("import alerts.delivery, storage.outbox, storage.database")
    assert not delivery.intersection({"pandas", "numpy", "numba", "sqlite_utils", "scipy"})


def test_the_service_and_its_sending_process_load_no_engine() -> None:
    config = ROOT / "config.toml"
    code = f"""
from pathlib import Path
import tocsin.commands.serve, tocsin.serving.job, tocsin.sending, storage.outbox
from tocsin.config import load
load(Path({str(config)!r}))
"""
    loaded = modules_after(code)
    assert not loaded.intersection({"pandas", "numpy", "numba", "sqlite_utils", "scipy", "prophet"})
    assert not loaded.intersection({"altair", "vl_convert", "apprise"})


def test_the_web_side_loads_no_engine_and_no_statistics() -> None:
    loaded = modules_after("import tocsin.web.app")
    heavy = {"pandas", "numba", "scipy.stats", "sqlite_utils", "prophet", "altair", "vl_convert"}
    assert not loaded.intersection(heavy)


def test_only_the_scheduler_imports_apscheduler() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for room in ("core", "feeds", "storage", "forecast", "alerts", "charts", "tocsin")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"^\s*(from|import) apscheduler", path.read_text(), re.MULTILINE)
    }
    assert importers == {"tocsin/scheduler.py"}


def test_rooms_import_core_and_never_each_other() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "room", ["core", "feeds", "storage", "forecast", "alerts", "charts", "tocsin"]
)
def test_no_module_has_a_name_that_says_nothing(room: str) -> None:
    names = {path.stem for path in (ROOT / room).rglob("*.py")}
    assert not names.intersection({"utils", "helpers", "common", "manager", "misc"})
