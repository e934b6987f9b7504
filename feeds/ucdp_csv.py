"""UCDP's Georeferenced Event Dataset and its candidate releases, as the files really come.

Column order and number formats differ between UCDP and HDX, which adds an index column, a row of
HXL tags, and writes whole numbers as floats. Source: Högbladh, "UCDP GED Codebook", version 24.1,
and "UCDP Candidate Events Dataset Codebook".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import field_validator

from core.errors import FeedError
from core.incidents import Batch, Coverage
from core.settings import Share
from feeds.columns import positions
from feeds.file_pull import FileFeed, Layout
from feeds.file_settings import TextFileSettings
from feeds.files import Source
from feeds.quarantine import Chunk
from feeds.records import TextTable
from feeds.releases import Release, parse_release, release_in
from feeds.spans import WHOLE, Days, stretches
from feeds.validation import IncidentValidator

_RENAMED = {
    "date": "date_start", "date_end": "date_end", "date_precision": "date_prec",
    "country": "country", "admin1": "adm_1", "admin2": "adm_2",
    "fatalities": "best", "low": "low", "high": "high",
    "latitude": "latitude", "longitude": "longitude",
}  # fmt: skip
_READ = (
    *_RENAMED.values(), "id", "type_of_violence", "side_a", "side_b",
    "source_headline", "source_office", "source_article",
)  # fmt: skip
_KINDS = {"1": "state-based", "2": "non-state", "3": "one-sided"}
_STATE_BASED = "1"


class UcdpCsvSettings(TextFileSettings):
    """Keys of kind "ucdp-csv"; `release` is needed only where the file's name does not tell it."""

    kind: Literal["ucdp-csv"] = "ucdp-csv"
    covered_through: Literal["release", "last-event", "pull"] | date = "release"
    noun: str = "deadly events"
    licence: str = "CC BY 4.0"
    attribution: str = (
        "Uppsala Conflict Data Program, Georeferenced Event Dataset (Sundberg and Melander 2013, "
        "Journal of Peace Research 50(4): 523-532)"
    )
    share: Share = "rows"
    release: str | None = None

    @field_validator("release")
    @classmethod
    def _is_a_release(cls, release: str | None) -> str | None:
        if release is not None and parse_release(release) is None:
            raise ValueError("release must be a UCDP version such as '24.1' or '23.0.10'")
        return release


class UcdpCsvFeed(FileFeed[UcdpCsvSettings]):
    """A file of UCDP events."""

    settings_class = UcdpCsvSettings

    def layout(self, today: date) -> Layout:
        """Return what reads the events of one file."""
        return _Ucdp(self.settings, today)

    def table(self, source: Source) -> TextTable:
        """Return the file's separated values."""
        return TextTable(source, self.settings.separator)


class _Ucdp:
    """The layout of one pull."""

    remarks: tuple[str, ...] = ()

    def __init__(self, settings: UcdpCsvSettings, today: date) -> None:
        self._settings, self._today = settings, today
        self._validator = IncidentValidator(today)
        self._positions: dict[str, int] = {}
        self._code_status: int | None = None
        self._preliminary = False

    def bind(self, header: Sequence[str]) -> None:
        self._positions = positions(self._settings.origin, header, _READ)
        self._code_status = header.index("code_status") if "code_status" in header else None

    def batch(self, chunk: Chunk) -> Batch:
        if not chunk.rows:
            return Batch([], [], chunk.bad)
        cells = list(zip(*chunk.rows, strict=True))
        if self._code_status is not None:
            statuses = set(cells[self._code_status])
            self._preliminary |= any(status.startswith("Check") for status in statuses)
        table = {column: cells[position] for column, position in self._positions.items()}
        incidents, bad = self._validator.check(chunk, _columns(table))
        return Batch(incidents, [], bad)

    def coverage(self, days: dict[str, Days]) -> list[Coverage]:
        release = self._release(days)

        def first(day: date) -> date:
            return release.first or day.replace(month=1, day=1)

        return stretches(self._settings, days, self._today, first, release.through)

    def _release(self, days: dict[str, Days]) -> Release:
        """Return the release by setting, by file name, or as a yearly one of the newest year."""
        number = self._settings.release
        known = parse_release(number) if number else release_in(self._settings.file_name)
        if known:
            return known
        if self._preliminary and self._settings.covered_through == "release":
            raise FeedError(
                self._settings.origin,
                "this is a candidate release (code_status has rows to check) of unknown number",
                "set release, such as '23.0.10', or covered_through",
            )
        return Release(None, date(days[WHOLE][1].year, 12, 31))


def _columns(table: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return UCDP's columns under our names.

    The actor is the rebel side of a state-based event, and side A, who attacks, otherwise.
    """
    types = [_unfloat(text) for text in table["type_of_violence"]]
    sides = list(zip(types, table["side_a"], table["side_b"], strict=True))
    told = zip(
        table["source_headline"], table["source_office"], table["source_article"], strict=True
    )
    return {
        **{ours: table[theirs] for ours, theirs in _RENAMED.items()},
        "id": [_unfloat(text) for text in table["id"]],
        "kind": [_KINDS.get(kind, kind) for kind in types],
        "actor": [b if kind == _STATE_BASED else a for kind, a, b in sides],
        "target": [a if kind == _STATE_BASED else b for kind, a, b in sides],
        "source": [headline or office or article for headline, office, article in told],
    }


def _unfloat(text: str) -> str:
    """Return "15960" for "15960.0", as pandas writes whole numbers beside empty cells."""
    return text.strip().removesuffix(".0")
