"""Row 52: whatever becomes of a configuration, it loads or is refused in one line with its place.

The shipped configuration and the examples are mutated: values of other kinds, keys misspelt, lines
doubled, lost and swapped, single characters changed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import ConfigError
from tocsin.config import load

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [ROOT / "config.toml", *sorted((ROOT / "examples").glob("*.toml"))]
ODD = (
    *('""', "-1", "0", "1e400", "nan", "inf", "true", "[]", "{}", "[[]]", '"x"', '"*"', '"é"'),
    *('"\\u0000"', "2024-02-30", "2024-02-28", "9" * 20, '["a", "a"]', "{ a = 1 }", "07:00:00"),
    *('"../../etc/passwd"', '"9"', "3.5", '[1, "a"]', '"every 0s"', '"%(x)s"'),
)
CHARACTERS = ("", "x", '"', "[", "]", "=", "9", "-", "{", "\x00", "é")
KEY = re.compile(r"(?P<start>\s*[A-Za-z0-9_-]+)(?P<equals>\s*=\s*)(?P<value>.*)")
PLACE = re.compile(r"config\.toml, line \d+: |config\.toml: is not valid TOML: .*\(at ")

Lines = list[str]
Mutation = Callable[[Lines, int, random.Random], None]


def another_value(lines: Lines, at: int, rng: random.Random) -> None:
    if found := KEY.fullmatch(lines[at]):
        lines[at] = found["start"] + found["equals"] + rng.choice(ODD)


def a_misspelt_key(lines: Lines, at: int, rng: random.Random) -> None:
    if found := KEY.fullmatch(lines[at]):
        lines[at] = found["start"] + rng.choice("xs_") + found["equals"] + found["value"]


def a_doubled_line(lines: Lines, at: int, rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines)), lines[at])


def a_lost_line(lines: Lines, at: int, _: random.Random) -> None:
    lines[at] = ""


def swapped_lines(lines: Lines, at: int, rng: random.Random) -> None:
    other = rng.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def another_character(lines: Lines, at: int, rng: random.Random) -> None:
    place = rng.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:place] + rng.choice(CHARACTERS) + lines[at][place + 1 :]


MUTATIONS: tuple[Mutation, ...] = (
    *(another_value, a_misspelt_key, a_doubled_line, a_lost_line, swapped_lines),
    another_character,
)


@pytest.mark.parametrize("cases", [1500, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_row_52_mutated_configurations_load_or_are_refused_with_their_place(
    tmp_path: Path, cases: int
) -> None:
    rng, outcomes = random.Random(52), Counter[str]()
    texts = [path.read_text(encoding="utf-8") for path in SHIPPED]
    path = tmp_path / "config.toml"
    for _ in range(cases):
        lines = rng.choice(texts).split("\n")
        for _ in range(rng.randint(1, 3)):
            rng.choice(MUTATIONS)(lines, rng.randrange(len(lines)), rng)
        path.write_text("\n".join(lines), encoding="utf-8")
        told = complaint(path)
        assert told is None or PLACE.search(told), told
        outcomes["refused in one line with its place" if told else "loaded"] += 1
    assert min(outcomes.values()) > cases / 20
    print(f"row 52: {cases:,} mutated configurations, 0 tracebacks, {dict(outcomes)}")


def complaint(path: Path) -> str | None:
    try:
        load(path)
    except ConfigError as error:
        return error.line()
    return None
