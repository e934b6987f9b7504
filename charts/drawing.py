"""A chart's facts to PNG and SVG. Loads a JavaScript engine: import it only to draw."""

from __future__ import annotations

from typing import Any

import vl_convert

from charts.fan import Fan
from charts.fan_spec import spec
from charts.theme import SCALE, ThemeName

VEGA_LITE = "6.4"
"""The version that Altair 6.3 writes for; the bundle comes with vl-convert."""
_NOWHERE: list[str] = []
"""Addresses that a specification may load from: none."""


def png(fan: Fan, theme: ThemeName = "light") -> bytes:
    """Return the chart as a PNG, `SCALE` pixels for one CSS pixel; equal facts give equal bytes.

    Raises:
        ValueError: when the chart cannot be drawn.
    """
    return bytes(
        vl_convert.vegalite_to_png(
            spec(fan, theme), vl_version=VEGA_LITE, scale=SCALE, allowed_base_urls=_NOWHERE
        )
    )


def svg(document: dict[str, Any]) -> str:
    """Return a chart's document, as `spec` of its kind returns it, as SVG.

    Raises:
        ValueError: when the chart cannot be drawn.
    """
    return str(
        vl_convert.vegalite_to_svg(document, vl_version=VEGA_LITE, allowed_base_urls=_NOWHERE)
    )
