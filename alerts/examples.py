"""One message of every kind, made up: what templates are tried on before they are used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from alerts.messages import Message

FILE = Path(__file__).with_name("examples.json")
_AT = "2022-10-03T06:00:00.000000Z"


def examples() -> Iterator[Message]:
    """Yield a message for every type and kind of data that go together."""
    for kind in json.loads(FILE.read_text(encoding="utf-8")):
        for name in kind["types"]:
            yield Message.model_validate({"type": name, "timestamp": _AT, "data": kind["data"]})
