"""Rows 23, 26 and 45: a source that is cut, wrong, hostile or slow stores nothing."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import textwrap
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import trustme

from core.clock import FixedClock, at_date
from core.errors import FeedError
from core.protocols import PullReport
from storage.database import Database, open_database
from storage.incidents import Incidents
from tests.core.scripted_server import (
    Connection,
    Script,
    ScriptedServer,
    answering,
    chunked,
    reply,
)
from tocsin.config import load
from tocsin.pulling import pull_all

CANARY = "canary-4f1d"
HEADER = b"id,date,country,fatalities,text\n"
GOOD = HEADER + b"".join(
    b"%d,2021-%02d-%02d,Freedonia,%d,%b\n" % (n, n % 12 + 1, n % 28 + 1, n % 7, b"%x" % n**40)
    for n in range(1, 300)
)
TODAY = date(2022, 10, 1)


@dataclass
class Station:
    """A service with one feed by URL and its database, pulling on demand."""

    folder: Path
    database: Database

    def pull(
        self, url: str, day: date = TODAY, keys: str = ""
    ) -> tuple[list[PullReport], list[FeedError]]:
        (self.folder / "config.toml").write_text(f"""
[[feeds]]
name = "live"
kind = "csv"
url = "{url}"
allow_networks = ["127.0.0.0/8"]
ca_file = "ca.pem"
columns = {{ id = "id", date = "date", country = "country", fatalities = "fatalities" }}
{keys}
[[watches]]
name = "all"
feeds = ["live"]
group_by = ["country"]
""")
        config, store = load(self.folder / "config.toml"), Incidents(self.database)
        return pull_all(config, store, FixedClock(at_date(day)), day, lambda _: None)

    def refusal(self, script: Script | bytes, keys: str = "") -> str:
        """Pull once and return the line of its refusal; the server must have been reached."""
        script = answering(script) if isinstance(script, bytes) else script
        with ScriptedServer(script) as server:
            reports, refusals = self.pull(server.url(f"/{CANARY}/f.csv?{CANARY}"), keys=keys)
            assert server.connections
        assert (reports, len(refusals)) == ([], 1)
        line = refusals[0].line()
        assert line.startswith(f"http://127.0.0.1:{server.port}/…/f.csv")
        assert CANARY not in line
        assert self.log()[-1] == ("refused", line)
        return line

    def stored(self) -> dict[str, int]:
        tables = ("incidents", "quarantine", "coverage")
        return {name: self.database.value(f"SELECT count(*) FROM {name}") for name in tables}

    def log(self) -> list[tuple[str, str]]:
        return self.database.rows("SELECT status, reason FROM pulls ORDER BY pull_id")


NOTHING = {"incidents": 0, "quarantine": 0, "coverage": 0}


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    # One authority is read in a fiftieth of the time of the bundled hundred, at every pull.
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with open_database(tmp_path / "tocsin.db", mode="own") as database:
        yield Station(tmp_path, database)


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("f.csv", content)
    return buffer.getvalue()


def unbounded(body: bytes) -> bytes:
    return b"HTTP/1.0 200 OK\r\n\r\n" + body


WAYS: dict[str, bytes] = {
    "with a length": reply(200, GOOD),
    "in chunks": chunked(GOOD, 700),
    "gzip on the way": chunked(gzip.compress(GOOD), 700, Content_Encoding="gzip"),
    "a gzip file that only ends": unbounded(gzip.compress(GOOD)),
    "a zip file that only ends": unbounded(zipped(GOOD)),
    "a table that only ends": unbounded(GOOD),
}


def test_a_download_cut_at_any_kilobyte_stores_no_partial_batch(station: Station) -> None:
    cuts = 0
    for answer in WAYS.values():
        for size in range(1_000, len(answer), 1_000):
            station.refusal(answer[:size])
            cuts += 1
    assert station.stored() == NOTHING
    print(f"\nrow 23: {cuts} cuts in {len(WAYS)} ways of sending, 0 partial batches stored")


def test_what_was_cut_comes_in_whole_at_the_next_pull(station: Station) -> None:
    for way, answer in WAYS.items():
        if way != "a table that only ends":
            with ScriptedServer(answering(answer[: len(answer) // 2], answer)) as server:
                station.pull(server.url())
                ((report,), _) = station.pull(server.url())
            assert report.added + report.unchanged == 299, way
    assert station.stored()["incidents"] == 299


WRONG: dict[str, tuple[bytes, str]] = {
    "a page to sign in": (reply(200, b"<!DOCTYPE html><p>Sign in"), "the file is HTML or XML"),
    "a PDF": (reply(200, b"%PDF-1.7 ..."), "the file is a PDF"),
    "an encoding nobody asked for": (reply(200, GOOD, Content_Encoding="br"), "not asked for"),
    "a column gone": (reply(200, GOOD.replace(b"date", b"day", 1)), "no column 'date'"),
    "columns moved under old names": (
        reply(200, GOOD.replace(b"id,date", b"date,id", 1)),
        "299 of 299 rows are bad",
    ),
    "404": (reply(404, GOOD), "it answered 404"),
    "403": (reply(403, GOOD), "it answered 403"),
    "206": (reply(206, GOOD), "it answered 206"),
    "500": (reply(500, GOOD), "it answered 500"),
    "a redirect elsewhere": (reply(302, Location="https://other.example/f.csv"), "only its own"),
    "429": (reply(429, Retry_After="3600"), "it answered 429; the next pull tries again"),
    "503": (reply(503, Retry_After="3600"), "it answered 503; the next pull tries again"),
}


def test_a_wrong_answer_costs_that_pull_and_leaves_what_was_there(station: Station) -> None:
    with ScriptedServer(answering(reply(200, GOOD))) as server:
        station.pull(server.url())
    before = station.stored()
    for answer, reason in WRONG.values():
        assert reason in station.refusal(answer, keys="timeout = 5.0")
    assert station.stored() == before
    assert before["incidents"] == 299
    print(f"\n{len(WRONG)} wrong answers: 0 rows stored, 0 secrets shown")


def test_too_many_requests_are_waited_out_within_the_pull(station: Station) -> None:
    with ScriptedServer(answering(reply(429, Retry_After="0"), reply(200, GOOD))) as server:
        ((report,), _) = station.pull(server.url())
        assert server.connections == 2
    assert report.added == 299


def test_a_304_is_one_line_in_the_log_until_a_row_of_the_future_has_come_of_age(
    station: Station,
) -> None:
    body = GOOD + b"late,2022-10-02,Freedonia,1,x\n"

    def script(connection: Connection) -> None:
        asked = b'If-None-Match: "v1"' in server.heads[-1]
        connection.send(reply(304) if asked else reply(200, body, ETag='"v1"'))

    with ScriptedServer(script) as server:
        days = [TODAY, TODAY, date(2022, 10, 2), date(2022, 10, 3), date(2022, 10, 4)]
        reports = [station.pull(server.url(), day)[0][0] for day in days]
    changes = [(report.status, report.added, report.quarantined) for report in reports]
    assert changes == [
        ("new", 299, 1),
        ("same", 0, 0),
        ("new", 1, 0),
        ("new", 0, 0),  # coverage had ended with the day of the pull before
        ("same", 0, 0),
    ]
    assert reports[-1].unchanged == 300
    assert [b"If-None-Match" in head for head in server.heads] == [False, True, False, False, True]


def dripping(head: bytes) -> Script:
    """Return a script that sends a head at once and then a row, byte by byte, without end."""

    def script(connection: Connection) -> None:
        connection.send(head)
        connection.drip(b"1,2021-01-01,Freedonia,1,x\n", pause=0.01)

    return script


DRIPS = {
    "its body": reply(200, HEADER, Content_Length="9999999"),
    "its headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
}


@pytest.mark.parametrize("slow", DRIPS)
def test_a_slow_drip_ends_with_the_timeout(station: Station, slow: str) -> None:
    line = station.refusal(dripping(DRIPS[slow]), keys="timeout = 0.5")
    assert "it took longer than 0.5 s; the next pull tries again" in line
    assert station.stored() == NOTHING
    print(f"\nrow 45: {slow} drips without end: refused after its timeout, 0 rows stored")


def test_an_endless_body_ends_with_the_limit_for_what_may_be_sent(station: Station) -> None:
    def flooding(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.flood(b"100000\r\n" + b"1,2021-01-01,Freedonia,1,x\n".ljust(1 << 20) + b"\r\n")

    assert "it is larger than 50,000,000 bytes" in station.refusal(flooding)
    assert station.stored() == NOTHING


def bomb() -> bytes:
    """Return a gzip file of a table that unpacks to 280 MB."""
    packer = zlib.compressobj(9, wbits=31)
    rows = b"1,2021-01-01,Freedonia,1,x\n".ljust(1 << 20)
    parts = [packer.compress(HEADER), *(packer.compress(rows) for _ in range(267))]
    return b"".join([*parts, packer.flush()])


PROBE = """
    import re, sys
    from contextlib import closing
    from datetime import date
    from pathlib import Path
    from core.errors import FeedError
    from feeds.registry import open_feed, settings_class

    def peak():
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

    def pull():
        settings = settings_class("csv").model_validate({
            "name": "f", "kind": "csv", "url": sys.argv[1], "allow_networks": ["127.0.0.0/8"],
            "columns": {"id": "id", "date": "date"}})
        with closing(open_feed(settings, Path("/")).pull(date(2022, 10, 1))) as pull:
            for batch in pull.batches():
                pass
    pull()
    before = peak()
    try:
        pull()
    except FeedError as error:
        print((peak() - before) // 1024, error)
"""


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    packed = bomb()
    return {
        "gzip on the way": reply(200, packed, Content_Encoding="gzip"),
        "a gzip file": reply(200, packed),
        "gzip in gzip": reply(200, gzip.compress(packed), Content_Encoding="gzip"),
        "a zip file": reply(200, zipped(gzip.decompress(packed))),
    }


def test_a_bomb_is_refused_early_and_takes_no_memory(bombs: dict[str, bytes]) -> None:
    for kind, answer in bombs.items():
        with ScriptedServer(answering(reply(200, GOOD), answer)) as server:
            program = [sys.executable, "-c", textwrap.dedent(PROBE), server.url()]
            run = subprocess.run(program, capture_output=True, text=True, check=True)
        rise, *_ = run.stdout.split()
        assert "unpacks to over 100 times its size" in run.stdout
        assert int(rise) < 64
        print(f"\nrow 26: a bomb of 280 MB as {kind}: refused, memory rose by {rise} MB")


def test_a_bomb_stores_nothing(station: Station, bombs: dict[str, bytes]) -> None:
    for answer in bombs.values():
        station.refusal(answer)
    assert station.stored() == NOTHING
