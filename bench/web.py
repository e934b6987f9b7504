"""How quickly API and pages answer: 5,000 regions, 10 years, 100 runs, while a run goes on.

`python -m bench.web` builds the store (a run is staged and copied 99 times), serves it, asks for
pages and answers 20 times a second, and lets a process stage another run into the same database
meanwhile. Prints the 95th percentile per question, the processor time that one takes, and the
memory of the process that answers. `python -m bench.web keep FOLDER` keeps the store for the next
time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import requests

from bench.scores import REGIONS
from bench.web_store import CONFIG, RUNS, fill, stage
from core.clock import SystemClock
from storage.database import open_database
from tocsin.config import load
from tocsin.web.server import serve

PER_SECOND, SECONDS = 20, 39
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
    "alerts, past ones too": "/api/v1/alerts?state=all&region=*7",
    "alerts page": "/alerts",
    "alerts page, past ones, searched": "/alerts?state=all&q=province+1&page=3",
}


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


def main(folder: Path) -> None:
    """Build what is not there yet, serve, ask, print."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    path, started = folder / "tocsin.db", time.perf_counter()
    if not path.exists():
        with open_database(path, mode="own") as database:
            fill(folder, database)
    size, took = path.stat().st_size / 1e6, time.perf_counter() - started
    print(f"{REGIONS} regions x {RUNS} runs: {size:.0f} MB, built in {took:.0f} s", flush=True)
    command = [sys.executable, "-m", "bench.web", "serve", str(folder / "config.toml")]
    service = subprocess.Popen(command, cwd=Path(__file__).parents[1])
    try:
        measure(Service(f"http://127.0.0.1:{port}", service.pid), path)
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)


class Service(NamedTuple):
    """The process that answers, as Linux tells of it (proc(5))."""

    base: str
    pid: int

    @property
    def milliseconds(self) -> float:
        """Return the processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> str:
        """Return what it takes now, and took at most."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines if " kB" in line}
        return f"{kilobytes['VmRSS:'] / 1000:.0f} MB, at most {kilobytes['VmHWM:'] / 1000:.0f} MB"


def measure(service: Service, path: Path) -> None:
    """Print the 95th percentile of every question, quiet and while runs are staged."""
    print(f"the first table after a start: {first_table(service.base):.1f} s", flush=True)
    stopping = threading.Event()
    for when in ("quiet", "while runs are staged"):
        with ThreadPoolExecutor(1) as pool:
            staging = pool.submit(keep_staging, path, stopping) if when != "quiet" else None
            for name, question in QUESTIONS.items():
                before = service.milliseconds
                answers = asked(service.base, question, SECONDS / len(QUESTIONS))
                busy = (service.milliseconds - before) / len(answers)
                taken, weights = zip(*answers, strict=True)
                middle, high, most = np.percentile(taken, [50, 95, 100])
                print(
                    f"{when}: {name}: p50 {middle:.0f} ms, p95 {high:.0f} ms, "
                    f"longest {most:.0f} ms of {len(taken)}, processor {busy:.0f} ms each, "
                    f"{max(weights):.0f} kB",
                    flush=True,
                )
            if staging:
                stopping.set()
                print(f"{staging.result()} run(s) were staged meanwhile")
    print(f"the process that answers takes {service.memory}")


def first_table(base: str) -> float:
    """Return the seconds from the start of a service until it answers."""
    started = time.perf_counter()
    while time.perf_counter() < started + 60:
        try:
            if requests.get(base + TABLE, timeout=60).ok:
                return time.perf_counter() - started
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(f"{base} has not answered for a minute")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["stage", path, watermark]:
            with open_database(Path(path), mode="own") as opened:
                stage(opened, watermark, [])
        case ["serve", path]:
            config = load(Path(path))
            serve(config, config.database, SystemClock())
        case ["keep", folder]:
            main(Path(folder))
        case _:
            with tempfile.TemporaryDirectory() as folder:
                main(Path(folder))
