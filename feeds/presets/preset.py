"""What a preset is: it finds columns by itself and may make fields out of several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

Columns = dict[str, Sequence[str]]


@dataclass(frozen=True)
class Found:
    """Which column is what: our field, or a name for `Preset.derived`, → the file's column."""

    columns: dict[str, str]
    remarks: tuple[str, ...] = ()


class Preset(Protocol):
    """A known kind of table."""

    gaps: tuple[tuple[date, date], ...]
    """Stretches in which the source was not collecting, unless the configuration names others."""

    def find(
        self,
        origin: str,
        header: Sequence[str],
        columns: Mapping[str, str],
        constants: Mapping[str, str],
    ) -> Found:
        """Return which column is what; those of the configuration win.

        Raises:
            FeedError: when columns that must be there are not.
        """
        ...

    def derived(self, columns: Columns) -> Columns:
        """Return the columns with those under our names that are made out of others."""
        ...


class AsConfigured:
    """No preset: the columns are those of the configuration."""

    gaps: tuple[tuple[date, date], ...] = ()

    def find(
        self,
        origin: str,
        header: Sequence[str],
        columns: Mapping[str, str],
        constants: Mapping[str, str],
    ) -> Found:
        """Return the configuration's columns."""
        return Found(dict(columns))

    def derived(self, columns: Columns) -> Columns:
        """Return them as they are."""
        return columns
