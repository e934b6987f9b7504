"""A watch's complete periods, as exports tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from core.regions import label
from core.series import Panel
from core.settings import WatchSettings
from core.sources import Source
from forecast.series import build
from tocsin.asof import read_at
from tocsin.config import Config
from tocsin.labels import label_of
from tocsin.provenance import sources_of
from tocsin.stores import Stores


class Count(NamedTuple):
    """One region's count of one complete period, whose days are told."""

    region: str
    first: date
    last: date
    events: int


@dataclass(frozen=True)
class Counted:
    """Counts as of `today`; `label` says what they are not, "" for ordinary ones."""

    rows: tuple[Count, ...]
    today: date
    label: str
    sources: tuple[Source, ...]


def counted(
    stores: Stores, config: Config, watch: WatchSettings, as_of: date | None, now: date
) -> Counted:
    """Return a watch's counts; periods that no feed covers have none.

    `as_of` reads the store as it was known then; before the first pull, today's data by event date.
    """
    today, incidents = as_of or config.service.as_of or now, stores.incidents
    known_at = read_at(incidents, config, as_of) if as_of else None
    cells = incidents.cells(watch, today, known_at)
    built = build(cells, incidents.coverage(watch.feeds, known_at), watch, today)
    panel = built.panel.rows(0, built.regions)
    return Counted(
        tuple(_rows(panel)),
        today,
        label_of(config, as_of, as_known_then=known_at is not None),
        sources_of(config, incidents, watch, known_at),
    )


def _rows(panel: Panel) -> Iterator[Count]:
    width = panel.counts.shape[1]
    names = [label(key) for key in panel.keys]
    for row, column in zip(*np.nonzero(~np.isnan(panel.counts)), strict=True):
        period = int(panel.ends[row]) - width + 1 + int(column)
        days = (panel.period.start(period), panel.period.end(period))
        yield Count(names[row], *days, int(panel.counts[row, column]))
