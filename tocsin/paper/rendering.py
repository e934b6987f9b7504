"""A paper written out by a template: no number is made here, and every text is escaped here.

Names come from sources that anyone may have written to. In a terminal they move no cursor, in
Markdown they are no markup and no link, in HTML they are text.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.cells import cell_len

from charts.theme import dark_rules
from core.text import clean
from tocsin.paper.paper import Paper, Table

Form = Literal["text", "markdown", "html"]
TEMPLATES: dict[Form, str] = {
    "text": "paper.txt.j2",
    "markdown": "paper.md.j2",
    "html": "paper.html.j2",
}
_WIDTH = 88
_MARKUP = re.compile(r"([\\`*_\[\]<>|#&~@])|(?<=:)(//)|(?<=[wW]{3})(\.)")
_LIST_START = re.compile(r"^[-+=]|^(\d+)(?=[.)](\s|$))")
_LONGEST = 2_000
_SPARK_WIDTH, _SPARK_HEIGHT = 120, 24


def render(paper: Paper, form: Form) -> str:
    """Return a paper as text, Markdown, or an HTML page that needs no other file."""
    return _environment(form).get_template(TEMPLATES[form]).render(paper=paper)


def _environment(form: Form) -> Environment:
    made = Environment(
        loader=PackageLoader("tocsin.paper"),
        autoescape=form == "html",  # noqa: S701 - text and Markdown have escapes of their own
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "one_line": one_line,
        "wrapped": wrapped,
        "aligned": aligned,
        "md": markdown,
        "fenced": fenced,
        "code": code_line,
        "sparkline": sparkline,
        "drawn": drawn,
    }
    made.globals["dark_pictures"] = Markup(dark_rules(".picture svg"))  # noqa: S704 - our colours
    return made


def one_line(text: str) -> str:
    """Return a text without what could move a cursor or reorder letters."""
    return clean(text, _LONGEST)


def wrapped(text: str, indent: int = 0) -> str:
    """Return a paragraph of a terminal's width; lines after the first are indented."""
    return textwrap.fill(
        one_line(text), _WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False
    )


def aligned(table: Table) -> str:
    """Return a table in columns, the first to the left, the others to the right."""
    rows = [[one_line(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(map(cell_len, column)) for column in zip_longest(*rows, fillvalue="")]
    return "\n".join(_padded(row, widths) for row in rows)


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    gaps = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
    first, *others = (
        cell + gap if place == 0 else gap + cell
        for place, (cell, gap) in enumerate(zip(row, gaps, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def markdown(text: str) -> str:
    """Return a text that Markdown shows as it is: no markup, no HTML, no link.

    Source: CommonMark 0.31, section 2.4 (backslash escapes); GitHub's extension links bare
    addresses too.
    """
    escaped = _MARKUP.sub(lambda match: f"\\{match[0]}", one_line(text))
    return _LIST_START.sub(lambda match: f"{match[1]}\\" if match[1] else f"\\{match[0]}", escaped)


def fenced(code: str) -> str:
    """Return code in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sql\n{code_line(code)}\n{fence}"


def code_line(code: str) -> str:
    """Return SQL on one line, without control characters: names in it were cleaned when stored."""
    return "".join(ch if ch.isprintable() else " " for ch in code)


def sparkline(counts: Sequence[int | None]) -> Markup:
    """Return counts as a small picture; it is made of numbers alone. Unknown ones leave a gap."""
    top = max((count for count in counts if count is not None), default=0) or 1
    step = _SPARK_WIDTH / max(len(counts), 1)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_SPARK_HEIGHT * (1 - count / top):.1f}" '
        f'width="{step * 0.8:.1f}" height="{_SPARK_HEIGHT * count / top:.1f}"/>'
        for place, count in enumerate(counts)
        if count is not None
    )
    told = ", ".join("unknown" if count is None else str(count) for count in counts)
    size = f'width="{_SPARK_WIDTH}" height="{_SPARK_HEIGHT}"'
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="spark" role="img" aria-label="{told}" {size} '
        f'viewBox="0 0 {_SPARK_WIDTH} {_SPARK_HEIGHT}">{bars}</svg>'
    )


def drawn(svg: str) -> Markup:
    """Return a drawing of the charts room as it is: what draws it escapes every text in it."""
    return Markup(svg)  # noqa: S704 - see above
