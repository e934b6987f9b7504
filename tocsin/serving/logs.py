"""The log of the service and of its web process: one line per event, on standard error."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

from core.clock import stamp


class _Line(logging.Formatter):
    """One line per event: the instant in UTC, the level, what happened."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """Return when it happened."""
        return stamp(datetime.fromtimestamp(record.created, UTC))


def log_to_standard_error(name: str) -> None:
    """Log everything of the logger called NAME, and the warnings of all others."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger(name).setLevel(logging.INFO)
