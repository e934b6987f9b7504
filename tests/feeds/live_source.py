"""A source on this machine that changes when a test says so, and knows who has its newest state."""

from contextlib import ExitStack
from typing import Self

from tests.core.scripted_server import Connection, ScriptedServer, reply

NETWORKS = ["127.0.0.0/8"]


class LiveSource:
    """Serves one body with an ETag, and answers 304 to whoever names that tag."""

    def __init__(self, body: bytes, etag: str | None = '"v1"', **headers: str) -> None:
        self.body, self.etag, self.headers = body, etag, headers
        self.sent: list[int] = []
        """Status codes that were answered."""
        self._server = ScriptedServer(self._answer)

    def __enter__(self) -> Self:
        self._open = ExitStack()
        self._open.enter_context(self._server)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def url(self, path: str = "/data/f.csv") -> str:
        return self._server.url(path)

    def change(self, body: bytes, etag: str | None) -> None:
        self.body, self.etag = body, etag

    def _answer(self, connection: Connection) -> None:
        tag = {"ETag": self.etag} if self.etag else {}
        asked = f"If-None-Match: {self.etag}\r\n".encode()
        status = 304 if self.etag and asked in self._server.heads[-1] else 200
        self.sent.append(status)
        body = self.body if status == 200 else b""
        connection.send(reply(status, body, **tag, **self.headers))
