"""A feed by URL beside one by path, with the real program and a real server."""

import sqlite3

from tests.acceptance.town import QUIET, RISING, SCREEN, Town
from tests.core.scripted_server import Connection, ScriptedServer, reply

LIVE = """
[[feeds]]
name = "live"
kind = "csv"
url = "{url}"
allow_networks = ["127.0.0.0/8"]
timeout = 5.0
covered_through = 2024-06-30
columns = {{ id = "id", date = "date", country = "country", admin1 = "province" }}

[[watches]]
name = "live-provinces"
feeds = ["live"]
group_by = ["country", "admin1"]
horizon = 3

[[watches]]
name = "provinces"
"""


def pulls(town: Town) -> list[tuple[str, str, int]]:
    with sqlite3.connect(town.folder / "tocsin.db") as connection:
        return connection.execute(
            "SELECT name, status, added FROM pulls JOIN feeds USING (feed_id) ORDER BY pull_id"
        ).fetchall()


def test_a_source_that_is_down_comes_back_and_stays_as_it_is(town: Town) -> None:
    table = (town.folder / "incidents.csv").read_bytes()
    rows = sum(QUIET) + sum(RISING)
    weather = ["down", "an error page", "up", "up"]

    def script(connection: Connection) -> None:
        state = weather.pop(0)
        if b'If-None-Match: "v1"' in server.heads[-1]:
            connection.send(reply(304))
        elif state == "down":
            connection.send(reply(503, Retry_After="3600"))
        else:
            body = table if state == "up" else b"<html>Sorry</html>"
            connection.send(reply(200, body, ETag='"v1"'))

    with ScriptedServer(script) as server:
        url = server.url("/export/incidents.csv?key=canary")
        town.configure(SCREEN, {'[[watches]]\nname = "provinces"\n': LIVE.format(url=url)})
        down, wrong, up, same = (town.tocsin("run") for _ in range(4))

    host = f"http://127.0.0.1:{server.port}/…/incidents.csv"
    assert [answer.code for answer in (down, wrong, up, same)] == [4, 4, 0, 0], down.err
    assert f"{host}: it answered 503; the next pull tries again" in down.err
    assert f"{host}: the file is HTML or XML" in wrong.err
    assert "Freedonia/Storm" in down.out
    assert f"{rows} new" in up.out
    assert not any("canary" in answer.out + answer.err for answer in (down, wrong, up, same))
    assert pulls(town) == [
        *(("tracker", "new", rows), ("live", "refused", 0)),
        *(("tracker", "same", 0), ("live", "refused", 0)),
        *(("tracker", "same", 0), ("live", "new", rows)),
        *(("tracker", "same", 0), ("live", "same", 0)),
    ]
    assert b"canary" not in (town.folder / "tocsin.db").read_bytes()
