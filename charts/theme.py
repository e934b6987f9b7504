"""Colours and sizes, once for all charts.

The hues are those of Okabe and Ito (2008, "Color Universal Design"), which people with any form of
colour blindness can tell apart; no chart says anything by colour alone.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Literal

ThemeName = Literal["light", "dark"]
WIDTH, HEIGHT = 560, 240
"""Of the plot, in CSS pixels; fits the reading pane of a mail program."""
SCALE = 1.5
"""Pixels of a PNG for one CSS pixel: sharp enough on a telephone, small enough for a slow line."""
FONT = "sans-serif"


@dataclass(frozen=True)
class Theme:
    """The colours of a chart, as #rrggbb."""

    background: str
    ink: str
    faint: str
    counts: str
    forecast: str
    alarm: str


THEMES: dict[ThemeName, Theme] = {
    "light": Theme("#ffffff", "#1a1a1a", "#d0d0d0", "#6e6e6e", "#0072b2", "#b34700"),
    "dark": Theme("#16181c", "#ededed", "#43474e", "#a0a4aa", "#56b4e9", "#e69f00"),
}


def dark_rules(drawing: str) -> str:
    """Return CSS that shows a light drawing in dark colours; `drawing` is the selector of its SVG.

    One drawing then serves both schemes of a screen, and is light on paper. CSS outranks the
    colours of SVG's attributes (SVG 2, section 6.7, "Presentation attributes").
    """
    light, dark = astuple(THEMES["light"]), astuple(THEMES["dark"])
    rules = "".join(
        f'{drawing} [{what}="{before}"] {{ {what}: {after}; }}\n'
        for before, after in zip(light, dark, strict=True)
        for what in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}}}"
