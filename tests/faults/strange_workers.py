"""A worker's code that misbehaves on request: run by tests in real worker processes."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

Message = dict[str, Any]


def prepare() -> Any:
    return solve


def solve(request: Message) -> Message:
    do = request.get("do", "square")
    if do == "fail":
        raise ValueError(f"no answer\nfor {request['x']}")
    if do == "hang":
        time.sleep(3600)
    if do == "child":  # as CmdStan is the child of a fit
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
        Path(request["note"]).write_text(f"{child.pid}")
        child.wait()
    if do == "die":
        os._exit(9)
    if do == "litter":
        for _ in range(20):
            tempfile.mkstemp()
    if do == "work":
        sum(range(50_000))
    if do == "print":
        print("INFO: chatter of a library", flush=True)
        os.write(1, b"more of it")
    return {"square": request["x"] ** 2, "pid": os.getpid()}


def broken() -> Any:
    raise ImportError("no such optimiser")


def mute() -> Any:
    os._exit(3)
