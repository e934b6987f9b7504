"""A real server on this machine whose every byte, pause and cut a test decides."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Self

Script = Callable[["Connection"], None]


class Connection:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock, self._stop = sock, stop
        self.body = b""

    def read_request(self) -> bytes:
        """Read a whole request and return its head; a body left unread would reset the answer."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, body = received.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += self._receive()
        self.body = body
        return head + b"\r\n\r\n"

    def _receive(self) -> bytes:
        block = self.sock.recv(65_536)
        if not block:
            raise ConnectionError("the client went away")
        return block

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Send the data byte by byte, over and over, until the client or the test goes away."""
        while not self._stop.is_set():
            for byte in data:
                self.send(bytes([byte]))
                self._stop.wait(pause)

    def flood(self, data: bytes) -> None:
        while not self._stop.is_set():
            self.send(data)

    def wait(self) -> None:
        """Say nothing more until the test is over."""
        self._stop.wait()


class ScriptedServer:
    """Runs a script per connection, after reading the request unless told otherwise."""

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        read: bool = True,
    ) -> None:
        self._script, self._tls, self._read = script, tls, read
        self._stop = threading.Event()
        self._listener = socket.create_server((host, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.heads: list[bytes] = []

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        workers = []
        with suppress(OSError):
            while not self._stop.is_set():
                sock, _ = self._listener.accept()
                self.connections += 1
                workers.append(threading.Thread(target=self._serve, args=(sock,), daemon=True))
                workers[-1].start()
        for worker in workers:
            worker.join()

    def _serve(self, sock: socket.socket) -> None:
        with closing(sock), suppress(OSError):
            sock.settimeout(10)
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with closing(sock):
                connection = Connection(sock, self._stop)
                if self._read:
                    self.heads.append(connection.read_request())
                self._script(connection)


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return a whole answer; underscores in header names stand for hyphens."""
    fields = {"Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + body


def chunked(body: bytes, size: int = 1024, **headers: str) -> bytes:
    """Return a whole answer in chunks."""
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    start = f"HTTP/1.1 200 Said\r\nTransfer-Encoding: chunked\r\n{head}\r\n".encode("latin-1")
    return start + b"".join(_chunks(body, size)) + b"0\r\n\r\n"


def _chunks(body: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        part = body[at : at + size]
        yield b"%x\r\n%b\r\n" % (len(part), part)


def answering(*answers: bytes) -> Script:
    """Return a script that gives one answer per connection, the last one again and again."""
    left = list(answers)

    def script(connection: Connection) -> None:
        connection.send(left.pop(0) if len(left) > 1 else left[0])

    return script
