"""A paper: sections of sentences, tables and charts, the same for every way of writing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Table:
    """Cells as they are read; the first column names the row, the others stand to the right.

    `sparklines` has one row of numbers per row of the table, None where a number is unknown; only
    HTML draws them.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sparklines: tuple[tuple[int | None, ...], ...] = ()


class Picture(NamedTuple):
    """A drawing as SVG of the charts room, and the same in words; only HTML shows the drawing."""

    words: str
    svg: str


@dataclass(frozen=True)
class Section:
    """A heading, its sentences (one paragraph each), a table below them, and drawings."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    pictures: tuple[Picture, ...] = ()


class Query(NamedTuple):
    """A number of the paper, and the SQL that gives it."""

    figure: str
    value: str
    sql: str


@dataclass(frozen=True)
class Paper:
    """The whole.

    Attributes:
        title: of one line.
        warning: what it is not, "" for an ordinary one: "simulated data".
        sections: in order.
        credits: whom the numbers come from, line by line.
        queries: where each number comes from, where that was asked for.
    """

    title: str
    warning: str
    sections: tuple[Section, ...]
    credits: tuple[str, ...]
    queries: tuple[Query, ...] = ()
