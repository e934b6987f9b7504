"""Row 53: whoever reaches the web side can neither write, nor hold it up, nor read too much."""

import hashlib
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from core.errors import ConfigError, StorageError
from storage.database import open_database
from tests.acceptance.town import QUIET, RISING, Town
from tests.tocsin.web.conftest import Site, configured, served
from tocsin.config import load
from tocsin.web.desk import QUERY_SECONDS

HOSTILE = (
    "' OR 1=1 --",
    "'; DROP TABLE runs; --",
    '"; ATTACH DATABASE "x.db" AS x; --',
    "x' UNION SELECT sql, 1, 1, 1 FROM sqlite_master --",
    "%27%20OR%201=1",
    "\x00",
    "../../etc/passwd",
    "*" * 900,
)
PLACES = (
    "/api/v1/watches/{}",
    "/api/v1/watches/{}/forecasts",
    "/api/v1/watches/provinces/forecasts?search={}",
    "/api/v1/watches/provinces/forecasts?region={}",
    "/api/v1/watches/provinces/forecasts?sort={}",
    "/api/v1/watches/provinces/forecasts?cursor={}",
    "/api/v1/watches/provinces/history?region={}",
    "/api/v1/watches/provinces/probability?at_least=1&region={}",
    "/api/v1/watches/provinces/scores?region={}",
    "/api/v1/alerts?region={}&state=all",
    "/api/v1/alerts?rule={}",
    "/api/v1/alerts/{}",
    "/api/v1/runs?watch={}",
    "/api/v1/pulls?feed={}",
    "/api/v1/feeds/{}/quarantine",
)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    configured(tmp_path, "[web]\n")
    made.record({"Calm": QUIET, "Storm": RISING})
    assert made.tocsin("run").code == 0
    return made


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "tocsin.db").read_bytes()).hexdigest()


def asked(site: Site, place: str, text: str) -> int:
    return site.get(place.format(quote(text, safe=""))).status_code


def test_no_question_reaches_the_database_as_sql_or_changes_a_byte(town: Town) -> None:
    before = digest(town.folder)
    with served(town.folder) as site:
        answers = [asked(site, place, text) for place in PLACES for text in HOSTILE]
    assert not [code for code in answers if code >= 500]
    assert digest(town.folder) == before
    print(f"row 53: {len(answers)} hostile questions: 0 errors, 0 bytes of the database changed")


def test_a_question_that_takes_too_long_is_ended_and_others_go_on(town: Town) -> None:
    with closing(open_database(town.folder / "tocsin.db", mode="read")) as database:
        database.limit_queries(QUERY_SECONDS)
        endless = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        )
        started = time.monotonic()
        with pytest.raises(StorageError, match="took longer to answer than is allowed"):
            database.rows(endless)
        took = time.monotonic() - started
        assert took >= QUERY_SECONDS
        assert database.rows("SELECT 1") == [(1,)]
    print(f"row 53: an endless query was ended after {took:.2f} s (limit {QUERY_SECONDS:.0f} s)")


def test_the_web_side_reads_through_a_connection_that_cannot_write(town: Town) -> None:
    path = town.folder / "tocsin.db"
    with (
        closing(open_database(path, mode="read")) as database,
        pytest.raises((StorageError, sqlite3.Error)),
    ):
        database.rows("DELETE FROM runs")


def test_a_page_has_a_thousand_rows_at_the_most(town: Town) -> None:
    with served(town.folder) as site:
        for path in ("watches/provinces/forecasts", "runs", "pulls", "alerts"):
            assert site.get(f"/api/v1/{path}?limit=1000").status_code == 200
            assert site.get(f"/api/v1/{path}?limit=1001").status_code == 422


def test_nothing_but_this_machine_is_served_without_a_word_of_who_one_is(town: Town) -> None:
    for listen in ("0.0.0.0:8088", "[::]:8088", "192.0.2.1:80", "10.0.0.1:8088"):
        configured(town.folder, f'[web]\nlisten = "{listen}"\n')
        with pytest.raises(ConfigError, match="open to others"):
            load(town.folder / "config.toml")


def test_a_run_commits_while_many_read(town: Town) -> None:
    stopping, answers = threading.Event(), list[int]()

    def read(site: Site) -> None:
        while not stopping.is_set():
            answers.append(site.get("/api/v1/watches/provinces/forecasts").status_code)
            answers.append(site.get("/api/v1/runs").status_code)

    with served(town.folder) as site:
        readers = [threading.Thread(target=read, args=(site,)) for _ in range(4)]
        for reader in readers:
            reader.start()
        town.record({"Calm": QUIET, "Storm": [*RISING[:-1], 15]})
        code = town.tocsin("run", env=dict(os.environ)).code
        stopping.set()
        for reader in readers:
            reader.join()
    assert code == 0
    assert set(answers) == {200}
    print(f"row 53: a run committed while {len(answers)} questions were answered, 0 failed")
