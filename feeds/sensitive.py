"""Columns that are dropped when a feed is read, so that they can be neither shown nor stolen."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache

from core.incidents import BadRow, Batch, Incident
from core.text import WITHHELD, unquoted


def without(batch: Batch, sensitive: Collection[str]) -> Batch:
    """Return a batch without some columns.

    Its bad rows keep their lines and reasons, and none of their text: nobody knows what stands
    where in a row that cannot be read.
    """
    if not sensitive:
        return batch
    own = dict.fromkeys(column for column in sensitive if column in Incident._fields)
    further = frozenset(sensitive).difference(own)
    return Batch(
        [
            Incident._make(
                {**row._asdict(), **own, "extra": row.extra and _less(row.extra, further)}.values()
            )
            for row in batch.incidents
        ],
        batch.tallies,
        [BadRow(row.line, unquoted(row.reason), WITHHELD) for row in batch.bad],
    )


@lru_cache(maxsize=10_000)
def _less(extra: str, names: frozenset[str]) -> str | None:
    """Return the JSON of further columns without some of them, None when none is left."""
    kept = {name: text for name, text in json.loads(extra).items() if name not in names}
    return json.dumps(kept, ensure_ascii=False) if kept else None
