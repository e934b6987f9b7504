"""Which models made a forecast: weights in hundredths, kept once for all that share them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from core.series import FloatArray, IntArray


def hundredths(weights: FloatArray) -> IntArray:
    """Return weights (rows, members) as whole hundredths that still sum to 100 in every row.

    What rounding down leaves over goes to the largest remainders, first members first (Hamilton's
    method), so no weight moves by a hundredth or more.
    """
    exact = np.asarray(weights, dtype=np.float64) * 100
    exact = np.round(exact / exact.sum(axis=1, keepdims=True) * 100, 9)
    floor = np.floor(exact).astype(np.int64)
    left = 100 - floor.sum(axis=1)
    order = np.argsort(floor - exact, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    return np.asarray(floor + (rank < left[:, None]), dtype=np.int64)


def enter_blends(
    connection: sqlite3.Connection, members: Sequence[str], weights: FloatArray
) -> list[int]:
    """Return the blend of each row of `weights` (rows, members), entering the new ones."""
    distinct, place = np.unique(hundredths(weights), axis=0, return_inverse=True)
    texts = [_text(members, row) for row in distinct.tolist()]
    connection.executemany(
        "INSERT INTO blends (weights) VALUES (?) ON CONFLICT DO NOTHING", [(t,) for t in texts]
    )
    numbers = [
        connection.execute("SELECT blend_id FROM blends WHERE weights = ?", [text]).fetchone()[0]
        for text in texts
    ]
    return [numbers[p] for p in place.ravel().tolist()]


def _text(members: Sequence[str], row: list[int]) -> str:
    """Return JSON such as {"dynamic-count": 0.62, "conflictology": 0.38}, heaviest first."""
    shares = sorted(zip(members, row, strict=True), key=lambda share: -share[1])
    return json.dumps({member: share / 100 for member, share in shares if share})
