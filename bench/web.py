"""How quickly API and pages answer: 5,000 regions, 10 years, 100 runs, while a run goes on.

`python -m bench.web` builds the store (a run is staged and copied 99 times), serves it, asks for
pages of the forecast table 20 times a second, and lets a process stage another run into the same
database meanwhile. Prints the 95th percentile per question.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import requests

from bench.scores import COLUMNS, END, REGIONS, built, results, wandering
from core.alerts import AlertChanges
from core.clock import SystemClock
from core.forecasts import RunKey
from feeds.registry import open_feed
from storage.database import Database, open_database
from storage.incidents import Incidents
from storage.runs import Runs
from tocsin.config import load
from tocsin.web.server import serve

RUNS, PER_SECOND, SECONDS, INCIDENTS = 100, 20, 30, 200_000
NOW = datetime(2023, 1, 2, tzinfo=UTC)
TABLE = "/api/v1/watches/provinces/forecasts"
QUESTIONS = {
    "table, 100 rows": f"{TABLE}?limit=100",
    "table, sorted and searched": f"{TABLE}?sort=tempo&search=Province+1",
    "regions, 100 rows": "/api/v1/watches/provinces/regions?limit=100",
    "history of a region": "/api/v1/watches/provinces/history?region=Province+7",
    "probability": "/api/v1/watches/provinces/probability?region=Province+7&at_least=5&within=3",
    "overview page": "/watches/provinces",
    "overview page, sorted and searched": "/watches/provinces?sort=tempo&down=1&q=Province+1",
    "map page": "/watches/provinces/map",
    "lab page": "/lab?watch=provinces",
    "region page": "/watches/provinces/region?name=Province+7",
    "runs": "/api/v1/runs",
    "alerts": "/api/v1/alerts",
}
CONFIG = """
[service]
database = "tocsin.db"
schedule = "0 6 1 1 *"
as_of = "2023-01-02"

[[feeds]]
name = "world"
kind = "csv"
path = "world.csv"

[feeds.columns]
id = "id"
date = "date"
country = "country"
admin1 = "admin1"
latitude = "latitude"
longitude = "longitude"

[[watches]]
name = "provinces"
feeds = ["world"]
group_by = ["admin1"]

[[rules]]
name = "tempo"
watch = "provinces"
within = 3
levels = [{{ severity = "severe", at_least = 20, probability = 0.5 }}]
clear_probability = 0.3

[[channels]]
name = "log"
kind = "file"
path = "alerts.jsonl"

[[routes]]
channels = ["log"]

[web]
listen = "127.0.0.1:{port}"
"""


def load_incidents(folder: Path, database: Database) -> None:
    """Store incidents all over the world, so that regions have a place."""
    draw, feed = np.random.default_rng(1), load(folder / "config.toml").feeds[0]
    middles = draw.uniform((-50, -170), (65, 170), (REGIONS, 2))
    with (folder / "world.csv").open("w", encoding="utf-8") as file:
        file.write("id,date,country,admin1,latitude,longitude\n")
        for n in range(INCIDENTS):
            latitude, longitude = middles[n % REGIONS] + draw.normal(0, 0.5, 2)
            day = f"20{13 + n % 10}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
            file.write(f"{n},{day},,Province {n % REGIONS},{latitude:.3f},{longitude:.3f}\n")
    Incidents(database).load(feed, open_feed(feed, folder).pull(NOW.date()), NOW)


def stage(database: Database, watermark: str) -> int:
    """Stage and publish a run of all regions; return its number."""
    runs, made = Runs(database), built(wandering()[:, :COLUMNS], END)
    key = RunKey("c0ffee", made.standings[0].data_as_of, watermark)
    run = runs.begin(key, NOW, "bench", "")
    for result in results(made):
        runs.stage(run, result)
    runs.publish(run, AlertChanges(), (), NOW)
    return run


def copy(database: Database, run: int, times: int) -> None:
    """Copy a run, its blocks and its forecasts, as older runs with other watermarks."""
    blocks = [row[0] for row in database.rows("SELECT block_id FROM blocks WHERE run_id=?", [run])]
    named = [name for (name,) in database.rows("SELECT name FROM pragma_table_info('blocks')")]
    columns = ", ".join(name for name in named if name not in ("block_id", "run_id"))
    for n in range(times):
        at = (NOW - timedelta(days=times - n)).isoformat()
        with database.transaction() as connection:
            new = connection.execute(
                "INSERT INTO runs (config_hash, cutoff, watermark, mode, version, label, "
                "started_at, finished_at, published) SELECT config_hash, cutoff, ?, mode, version, "
                "label, ?, ?, 1 FROM runs WHERE run_id = ?",
                [f"copy {n}", at, at, run],
            ).lastrowid
            for block in blocks:
                made = connection.execute(
                    f"INSERT INTO blocks (run_id, {columns}) SELECT ?, {columns} FROM blocks "
                    "WHERE block_id = ?",
                    [new, block],
                ).lastrowid
                for table in ("standings", "forecasts"):
                    known = database.rows(f"SELECT name FROM pragma_table_info('{table}')")
                    others = ", ".join(name for (name,) in known[1:])
                    connection.execute(
                        f"INSERT INTO {table} SELECT ?, {others} FROM {table} WHERE block_id = ?",
                        [made, block],
                    )


def ask(url: str) -> tuple[float, float]:
    """Return the milliseconds of one question, and the kilobytes of its answer."""
    started = time.perf_counter()
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 200, answer.text[:300]
    return 1000 * (time.perf_counter() - started), len(answer.content) / 1000


def asked(base: str, path: str, seconds: float) -> list[tuple[float, float]]:
    """Ask PER_SECOND times a second, whether or not answers are late; return what each took."""
    with ThreadPoolExecutor(PER_SECOND) as pool:
        started, waiting = time.perf_counter(), []
        for n in range(int(seconds * PER_SECOND)):
            time.sleep(max(0.0, started + n / PER_SECOND - time.perf_counter()))
            waiting.append(pool.submit(ask, base + path))
        return [one.result() for one in waiting]


def keep_staging(path: Path, stopping: threading.Event) -> int:
    """Let processes stage runs into the database, one after the other; return how many."""
    done = 0
    while not stopping.is_set():
        command = [sys.executable, "-m", "bench.web", "stage", str(path), str(time.time_ns())]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
        done += 1
    return done


def main() -> None:
    """Build, serve, ask, print."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
        started = time.perf_counter()
        with open_database(path / "tocsin.db", mode="own") as database:
            load_incidents(path, database)
            copy(database, stage(database, "first"), RUNS - 1)
            stage(database, "newest")
        size = (path / "tocsin.db").stat().st_size / 1e6
        took = time.perf_counter() - started
        print(f"{REGIONS} regions x {RUNS} runs: {size:.0f} MB, built in {took:.0f} s", flush=True)
        command = [sys.executable, "-m", "bench.web", "serve", str(path / "config.toml")]
        service = subprocess.Popen(command, cwd=Path(__file__).parents[1])
        try:
            measure(f"http://127.0.0.1:{port}", path / "tocsin.db")
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(30)


def measure(base: str, path: Path) -> None:
    """Print the 95th percentile of every question, quiet and while runs are staged."""
    for _ in range(300):
        try:
            started = time.perf_counter()
            ask(base + TABLE)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    print(f"the first table after a start: {time.perf_counter() - started:.1f} s", flush=True)
    stopping = threading.Event()
    for when in ("quiet", "while runs are staged"):
        with ThreadPoolExecutor(1) as pool:
            staging = pool.submit(keep_staging, path, stopping) if when != "quiet" else None
            for name, question in QUESTIONS.items():
                answers = asked(base, question, SECONDS / len(QUESTIONS))
                taken, weights = zip(*answers, strict=True)
                middle, high, most = np.percentile(taken, [50, 95, 100])
                print(
                    f"{when}: {name}: p50 {middle:.0f} ms, p95 {high:.0f} ms, "
                    f"longest {most:.0f} ms of {len(taken)}, {max(weights):.0f} kB",
                    flush=True,
                )
            if staging:
                stopping.set()
                print(f"{staging.result()} run(s) were staged meanwhile")


if __name__ == "__main__":
    if sys.argv[1:2] == ["stage"]:
        with open_database(Path(sys.argv[2]), mode="own") as opened:
            stage(opened, sys.argv[3])
    elif sys.argv[1:2] == ["serve"]:
        config = load(Path(sys.argv[2]))
        serve(config, config.database, SystemClock())
    else:
        main()
