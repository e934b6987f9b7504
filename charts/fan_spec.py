"""The fan chart's Vega-Lite specification. Loads Altair: import it only where a chart is made.

Every value is drawn over its whole period, as the count of a period is one number: bars for what
was counted, boxes for the intervals of what is forecast. Texts are data or literal strings, never
expressions, so that a name can do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import altair as alt

from charts import fan_rows
from charts.fan import Fan, alt_text
from charts.fan_rows import Row
from charts.theme import FONT, HEIGHT, THEMES, WIDTH, Theme, ThemeName
from core.periods import Period

_DAYS = {Period.MONTH: "%b %Y", Period.WEEK: "%-d %b %y", Period.DAY: "%-d %b %y"}
_LANES, _LANE = 5, 13
"""Lines for the names of marks, and the height of one in pixels."""
_READING = "Bars: counted. Boxes: forecast with its 50 % and 90 % intervals, median as a line."


def spec(
    fan: Fan, theme: ThemeName = "light", width: int = WIDTH, height: int = HEIGHT
) -> dict[str, Any]:
    """Return the chart as a Vega-Lite document; the plot is `width` x `height` CSS pixels."""
    colours = THEMES[theme]
    chart = alt.layer(*_layers(fan, colours)).properties(
        width=width,
        height=height,
        title=alt.Title(text=fan.title, subtitle=_subtitle(fan)),
        description=alt_text(fan),
        background=colours.background,
        config=_config(colours, width),
    )
    document: dict[str, Any] = chart.to_dict()
    return document


def _config(colours: Theme, width: int) -> alt.Config:
    return alt.Config(
        font=FONT,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=colours.ink,
            titleColor=colours.ink,
            gridColor=colours.faint,
            domainColor=colours.faint,
            tickColor=colours.faint,
            titleFontWeight="normal",
        ),
        title=alt.TitleConfig(
            anchor="start",
            color=colours.ink,
            subtitleColor=colours.ink,
            limit=width,
            fontSize=15,
            subtitleFontSize=11,
        ),
    )


def _subtitle(fan: Fan) -> list[str]:
    late = " Dashed bars: still incomplete." if fan.incomplete else ""
    return [line for line in (fan.note.upper(), _READING + late) if line]


def _layers(fan: Fan, colours: Theme) -> Iterator[alt.Chart]:
    """Yield the marks from back to front."""
    on = _Axes.of(fan)
    seen, ahead = colours.counts, colours.forecast
    bars, late = fan_rows.counts(fan), fan_rows.reported(fan)
    means, thresholds = fan_rows.means(fan), fan_rows.thresholds(fan)
    yield from on.boxes(bars, fill=seen, stroke=colours.background)
    yield from on.boxes(late, fill=seen, fillOpacity=0.25, stroke=seen, strokeDash=[3, 2])
    yield from on.boxes(fan_rows.intervals(fan, 90), fill=ahead, fillOpacity=0.22)
    yield from on.boxes(fan_rows.intervals(fan, 50), fill=ahead, fillOpacity=0.45)
    yield from on.lines(fan_rows.medians(fan), color=ahead, strokeWidth=3)
    yield from on.texts(fan_rows.unknown(fan), color=colours.ink, baseline="bottom")
    yield from on.lines(means, color=colours.ink, strokeWidth=1, strokeDash=[1, 3])
    lower, upper = means[:1], means[1:]
    yield from on.texts(lower, "end", color=colours.ink, baseline="top")
    yield from on.texts(upper, "end", color=colours.ink, baseline="bottom")
    yield from on.lines(thresholds, color=colours.alarm, strokeWidth=1.5, strokeDash=[6, 3])
    yield from on.texts(thresholds, "end", color=colours.alarm, baseline="bottom")
    yield from on.uprights(fan_rows.marks(fan), color=colours.ink)


class _Axes(NamedTuple):
    """The two axes that all marks share; rows that are not there draw nothing."""

    x: alt.X
    y: alt.Y

    @classmethod
    def of(cls, fan: Fan) -> _Axes:
        """Return the axes; days are days everywhere, so time knows no zone but UTC."""
        days = alt.Axis(grid=False, format=_DAYS[fan.per], labelOverlap=True)
        counts = alt.Axis(tickMinStep=1, tickCount=5)
        return cls(
            alt.X("start:T", title=None, scale=alt.Scale(type="utc"), axis=days),
            alt.Y("low:Q", title=f"{fan.unit} per {fan.per}", axis=counts),
        )

    def boxes(self, rows: list[Row], **style: Any) -> Iterator[alt.Chart]:
        """Yield a box per row."""
        if rows:
            marks = alt.Chart(alt.InlineData(rows)).mark_rect(**style)
            yield marks.encode(x=self.x, x2="end:T", y=self.y, y2="high:Q", tooltip="said:N")

    def lines(self, rows: list[Row], **style: Any) -> Iterator[alt.Chart]:
        """Yield a level line per row."""
        if rows:
            marks = alt.Chart(alt.InlineData(rows)).mark_rule(**style)
            yield marks.encode(x=self.x, x2="end:T", y=self.y, tooltip="said:N")

    def uprights(self, rows: list[Row], **style: Any) -> Iterator[alt.Chart]:
        """Yield an upright line per row; the names of neighbours stand one below the other."""
        if rows:
            marks = alt.Chart(alt.InlineData(rows))
            yield marks.mark_rule(strokeDash=[2, 2], **style).encode(x=self.x, tooltip="said:N")
        for lane in range(min(_LANES, len(rows))):
            marks = alt.Chart(alt.InlineData(rows[lane::_LANES]))
            names = marks.mark_text(align="right", dx=-4, baseline="top", **style)
            yield names.encode(x=self.x, y=alt.value(_LANE * lane), text="said:N")

    def texts(
        self, rows: list[Row], at: Literal["start", "end"] = "start", **style: Any
    ) -> Iterator[alt.Chart]:
        """Yield what each row is called; at its end means right of the plot, where no bar is."""
        if rows:
            marks = alt.Chart(alt.InlineData(rows)).mark_text(align="left", dx=4, **style)
            yield marks.encode(x=self.x if at == "start" else "end:T", y=self.y, text="said:N")
