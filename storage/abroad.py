"""An actor abroad: its counts in all countries but its home, as one more series."""

from __future__ import annotations

import numpy as np

from core.regions import ABROAD, UNKNOWN
from core.series import Cells
from core.settings import WatchSettings
from storage.summing import summed


def with_abroad(cells: Cells, watch: WatchSettings) -> Cells:
    """Return counts with a series more for every actor that is seen outside of `watch.home`.

    Its key has "(abroad)" in the country's place. Events of an unknown country are not in it.
    """
    place = watch.group_by.index("country")
    keys = {
        number: (*key[:place], ABROAD, *key[place + 1 :])
        for number, key in enumerate(cells.keys)
        if key[place] not in {watch.home, UNKNOWN}
    }
    if not keys:
        return cells
    added = {key: len(cells.keys) + n for n, key in enumerate(sorted(set(keys.values())))}
    target = np.full(len(cells.keys), -1, dtype=np.int64)
    for number, key in keys.items():
        target[number] = added[key]
    away = target[cells.region] >= 0
    region = np.concatenate([cells.region, target[cells.region[away]]])
    period = np.concatenate([cells.period, cells.period[away]])
    count = np.concatenate([cells.count, cells.count[away]])
    return summed([*cells.keys, *added], region, period, count)
