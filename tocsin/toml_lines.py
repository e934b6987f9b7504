"""Where a key stands in a TOML file, for errors that name the line.

tomllib gives no positions. This scan knows tables, arrays of tables and plain keys, which is
what configurations are made of; a key inside a longer inline table is found on its first line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_ARRAY = re.compile(r"^\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(#.*)?$")

Path = tuple[str | int, ...]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line, from 1, of the deepest part of `path` that the text shows, or None.

    `path` is as pydantic gives it: ("rules", 0, "levels", 1, "probability").
    """
    wanted = [
        part for part in path if not isinstance(part, str) or not part.startswith("function-")
    ]
    lines = text.splitlines()
    table, rest, start, stop = _table_of(lines, wanted)
    for name in reversed([part for part in rest if isinstance(part, str)]):
        key = re.compile(rf"""(^|[\s{{,."'])["']?{re.escape(name)}["']?\s*[.=]""")
        for number in range(start, stop):
            if key.search(lines[number].split("#")[0]):
                return number + 1
    return None if table is None else table + 1


def _table_of(
    lines: list[str], path: Sequence[str | int]
) -> tuple[int | None, Sequence[str | int], int, int]:
    """Return (header line, rest of the path inside it, first and last line of its body)."""
    # Before the first header stand the keys of no table; there only the first part can be found.
    best: tuple[int | None, Sequence[str | int], int, int]
    best = (None, path[:1], 0, _end_of_body(lines, 0))
    for number, here in _headers(lines):
        if best[0] is None and here[: len(path)] == tuple(path):
            return number, (), number + 1, number + 1  # an array of tables, or a table's parent
        if tuple(path[: len(here)]) == here and (
            best[0] is None or len(path) - len(here) < len(best[1])
        ):
            best = (number, path[len(here) :], number + 1, _end_of_body(lines, number + 1))
    return best


def _headers(lines: list[str]) -> list[tuple[int, Path]]:
    seen: dict[str, int] = {}
    found: list[tuple[int, Path]] = []
    for number, line in enumerate(lines):
        if array := _ARRAY.match(line):
            name = array[1].strip()
            seen[name] = seen.get(name, -1) + 1
            found.append((number, (name, seen[name])))
        elif table := _TABLE.match(line):
            found.append((number, tuple(part.strip(" \"'") for part in table[1].split("."))))
    return found


def _end_of_body(lines: list[str], start: int) -> int:
    for number in range(start, len(lines)):
        if _TABLE.match(lines[number]) or _ARRAY.match(lines[number]):
            return number
    return len(lines)
