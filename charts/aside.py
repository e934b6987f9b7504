"""Draw in a process of its own: what a chart costs, and what it breaks, stays there.

The process that delivers messages is small and must go on; drawing loads a JavaScript engine with
some hundred megabytes, takes a second or more, and runs native code over names from outside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from charts.fan import Fan

SECONDS = 60.0
"""Most that a drawing may take; a cold start on a busy machine takes five."""
_KEPT = 32
_HOME = Path(__file__).resolve().parents[1]
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
"""Variables that the process gets; those with secrets are not its business."""


class ChartError(Exception):
    """A chart that was not drawn; its text is one line for people."""


@lru_cache(maxsize=_KEPT)
def png(fan: Fan, seconds: float = SECONDS) -> bytes:
    """Return the chart as PNG; the newest are kept, as one message goes to several readers.

    Raises:
        ChartError: when it could not be drawn, in time or at all.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        drawn = subprocess.run(
            [sys.executable, "-m", "charts"],
            input=fan.model_dump_json().encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
            env={**environment, "PYTHONPATH": str(_HOME)},
        )
    except subprocess.TimeoutExpired:
        raise ChartError(f"it took longer than {seconds:g} seconds") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise ChartError(f"drawing failed ({type(error).__name__})") from None
    return drawn.stdout
