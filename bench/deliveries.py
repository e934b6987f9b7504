"""How fast 10,000 due messages reach a local receiver: `python -m bench.deliveries`.

The receiver is a process of its own that answers every post on connections that stay open, and
counts them. Messages are signed, sent by the real loop and marked in a real database. Prints
messages per second, by the clock and of this process's own processor time, and by how much its
memory rose after the first hundred.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from time import process_time

from alerts.channels.channel import Surroundings
from alerts.delivery import Delivered, Outlet, deliver
from alerts.examples import examples
from alerts.registry import open_channel, settings_class
from core.alerts import NewDelivery
from core.clock import SystemClock, stopwatch
from storage.database import Database, open_database
from storage.outbox import Outbox

MESSAGES, WARM = 10_000, 100
CLOCK = SystemClock()
_SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


async def receive() -> None:
    """Answer posts until standard input ends, then print what was counted."""
    seen: dict[str, int] = {}
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while head := await _head(reader):
            length = re.search(r"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            name = re.search(r"(?i)webhook-id: (\S+)", head)
            seen[name[1] if name else ""] = seen.get(name[1] if name else "", 0) + 1
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps([len(seen), sum(seen.values()), connections]), flush=True)


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, asyncio.CancelledError):
        return ""


def fill(database: Database) -> None:
    """Put messages of every kind into the outbox."""
    bodies = [message.model_dump(mode="json") for message in examples()]
    made = (
        NewDelivery(f"msg_{n:020x}", None, None, "hook", bodies[n % len(bodies)], "notice")
        for n in range(MESSAGES)
    )
    Outbox(database).put(made, CLOCK.now())


def send(database: Database, outlet: Outlet) -> tuple[float, float, float]:
    """Send all; return seconds by the clock and of the processor, and by how many MB memory rose.

    Raises:
        AssertionError: when the counts do not add up.
    """
    outbox = Outbox(database, "owner")
    first = deliver(outbox, {"hook": outlet}, CLOCK, WARM)
    before, began, worked = peak(), stopwatch(), process_time()
    rest = deliver(outbox, {"hook": outlet}, CLOCK, MESSAGES)
    took = stopwatch() - began, process_time() - worked, peak() - before
    assert first + rest == Delivered(sent=MESSAGES), (first, rest)
    states = dict(database.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
    assert states == {"delivered": MESSAGES}, states
    return took


def peak() -> float:
    """Return the most memory that this process has used, in MB (man 5 proc, VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found, "the kernel says it"
    return int(found[1]) / 1024


def main() -> None:
    """Send to a receiver and print the figures."""
    command = [sys.executable, "-m", "bench.deliveries", "receive"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(Path(folder) / "bench.db", mode="own") as database,
        subprocess.Popen(command, **pipes) as receiver,
    ):
        assert receiver.stdin
        assert receiver.stdout
        given = {
            "name": "hook",
            "kind": "webhook",
            "url": f"http://127.0.0.1:{int(receiver.stdout.readline())}/",
            "secret_env": "HOOK",
            "allow_networks": ["127.0.0.0/8"],
        }
        around = Surroundings(Path(folder), {"HOOK": _SECRET}, CLOCK, StringIO())
        channel = open_channel(settings_class("webhook").model_validate(given), around)
        fill(database)
        clock, processor, rise = send(database, Outlet(channel))
        told, _ = receiver.communicate()
    different, received, connections = json.loads(told)
    assert different == received == MESSAGES, told
    rest = MESSAGES - WARM
    print(f"{MESSAGES} made = {received} delivered + 0 pending + 0 dead, none twice")
    print(f"{rest / clock:.0f} a second; {rest / processor:.0f} per second of processor time")
    print(f"{connections} connection(s); memory rose by {rise:.1f} MB after the first {WARM}")


if __name__ == "__main__":
    if sys.argv[1:] == ["receive"]:
        asyncio.run(receive())
    else:
        main()
