"""Row 26 and secrets: answers that swell, and errors that must not tell."""

from __future__ import annotations

import io
import itertools
import logging
import subprocess
import sys
import textwrap
import traceback
import zlib
from contextlib import ExitStack

import pytest

from core.http import Client, RequestError
from tests.core.scripted_server import (
    Connection,
    ScriptedServer,
    answering,
    chunked,
    reply,
)
from tests.faults.network import CANARY, LOOPBACK, SHORT


def packed_zeros(megabytes: int) -> bytes:
    """Return gzip of zeros, about a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


BOMB_PROBE = """
    import io, re, sys
    from pathlib import Path
    from core.http import Client, RequestError
    class Sink(io.RawIOBase):
        def write(self, block):
            self.size = getattr(self, "size", 0) + len(block)
            return len(block)
    def peak():  # ru_maxrss would hold what the parent process used before exec
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    client = Client(allow_networks=["127.0.0.0/8"], sleep=lambda _: None)
    client.fetch(sys.argv[1] + "/small", Sink())
    before = peak()
    sink = Sink()
    try:
        client.fetch(sys.argv[1] + "/bomb", sink)
    except RequestError as error:
        print((peak() - before) // 1024, sink.size // 1_000_000, error)
"""


def test_a_gzip_bomb_is_dropped_early_and_takes_no_memory() -> None:
    bomb = packed_zeros(315)
    whole, parts = (
        reply(200, bomb, Content_Encoding="gzip"),
        chunked(bomb, 5_000, Content_Encoding="gzip"),
    )
    for kind, answer in (("with a length", whole), ("in chunks", parts)):
        with ScriptedServer(answering(reply(200, b"small"), answer)) as server:
            program = [sys.executable, "-c", textwrap.dedent(BOMB_PROBE), server.url("")]
            run = subprocess.run(program, capture_output=True, text=True, check=True)
        rise, written, *_ = run.stdout.split()
        assert "unpacks to over 100 times its size" in run.stdout
        assert int(rise) < 64
        assert int(written) <= 40
        print(f"\n315 MB bomb {kind}: dropped after {written} MB, memory rose by {rise} MB")


def test_no_error_and_no_log_line_holds_a_path_a_query_a_header_or_a_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    scripts = [
        answering(b""),
        answering(reply(503)),
        answering(reply(404)),
        answering(reply(302, Location=f"https://other.example/{CANARY}?{CANARY}")),
        answering(reply(200, b"", Content_Length="9")),
        answering(reply(200, b"no", Content_Encoding="gzip")),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"),
        Connection.wait,
    ]
    client = Client(allow_networks=LOOPBACK, deadline=SHORT, sleep=lambda _: None)
    urls = [
        f"https://me:{CANARY}@soc.example/",
        f"https://10.0.0.1/{CANARY}",
        f"ftp://{CANARY}/",
        f"https://soc.invalid:1/{CANARY}?{CANARY}#{CANARY}",
    ]
    errors = []
    with ExitStack() as stack:
        urls += [stack.enter_context(ScriptedServer(s)).url(f"/{CANARY}?{CANARY}") for s in scripts]
        for url, value in itertools.product(urls, (CANARY, f"{CANARY}\r\n")):
            with pytest.raises(RequestError) as caught:
                client.fetch(url, io.BytesIO(), headers={"Authorization": value})
            errors.append(caught.value)
    shown = [str(error) + "".join(traceback.format_exception(error)) for error in errors]
    assert not [text for text in [*shown, caplog.text] if CANARY in text]
    print(f"\n{len(shown)} errors, their tracebacks and debug logs: 0 secrets")
