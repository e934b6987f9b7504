"""A town with runs behind it, and its web side served by a real server."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from core.clock import SystemClock
from tests.acceptance.town import CONFIG, QUIET, RISING, SCREEN, Town
from tocsin.config import load
from tocsin.web.server import server_of
from tocsin.web.settings import Address

PATIENCE = 30.0
TOKENS = {
    "desk": "desk-token-of-32-characters-long",
    "oslo": "oslo-token-of-32-characters-long",
}
PLACES = """
[[watches]]
name = "places"
feeds = ["tracker"]
group_by = ["country"]
horizon = 2
"""
GUARDED = """
[[web.tokens]]
name = "desk"
role = "operator"
token_env = "DESK_TOKEN"

[[web.tokens]]
name = "oslo"
token_env = "OSLO_TOKEN"
watches = ["places"]
"""


@dataclass(frozen=True)
class Site:
    """A served town. `get` and `post` speak as somebody with a token, or as nobody."""

    url: str
    folder: Path

    def get(self, path: str, who: str | None = None, **more: Any) -> requests.Response:
        return self.ask("GET", path, who, **more)

    def post(self, path: str, who: str | None = None, **more: Any) -> requests.Response:
        return self.ask("POST", path, who, **more)

    def ask(self, method: str, path: str, who: str | None, **more: Any) -> requests.Response:
        headers = dict(more.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {TOKENS[who]}"
        return requests.request(
            method,
            f"{self.url}{path}",
            headers=headers,
            timeout=PATIENCE,
            allow_redirects=False,
            **more,
        )


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve a folder's configuration on a free port."""
    config = load(folder / "config.toml")
    server = server_of(config, config.database, SystemClock(), Address("127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    give_up = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < give_up
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Site(f"http://127.0.0.1:{port}", folder)
    finally:
        server.should_exit = True
        thread.join()


def configured(folder: Path, web: str) -> None:
    text = CONFIG.format(channels=SCREEN) + PLACES + web
    (folder / "config.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two runs were made: Storm rises, Calm does not."""
    folder = tmp_path_factory.mktemp("town")
    town = Town(folder)
    configured(folder, "[web]\n")
    town.record({"Calm": QUIET, "Storm": RISING[:-1]})
    assert town.tocsin("run").code == 0
    town.record({"Calm": QUIET, "Storm": RISING})
    assert town.tocsin("run").code == 0
    return folder


@pytest.fixture
def copied(past: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Give a copy of the town with a `[web]` table of one's own."""

    def copy(web: str) -> Path:
        for name in ("tocsin.db", "incidents.csv"):
            (tmp_path / name).write_bytes((past / name).read_bytes())
        configured(tmp_path, web)
        return tmp_path

    return copy


@pytest.fixture(scope="session")
def site(past: Path) -> Iterator[Site]:
    """The town as this machine sees it; tests only read."""
    with served(past) as found:
        yield found


@pytest.fixture
def guarded(copied: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The town behind tokens: desk is an operator, oslo reads the watch "places" only."""
    for name, token in TOKENS.items():
        monkeypatch.setenv(f"{name.upper()}_TOKEN", token)
    with served(copied(GUARDED)) as found:
        yield found
