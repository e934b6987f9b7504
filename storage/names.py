"""Names as sources spell them, brought to the one that is shown, and matched by globs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from core.countries import name_of
from core.regions import UNKNOWN
from core.settings import Aliases
from core.text import fold
from storage.database import Database


class Names:
    """The canonical name of every raw one, per column.

    A name that no alias mentions stands for itself; one that is missing is `UNKNOWN`.
    """

    def __init__(self, aliases: Iterable[tuple[str, str, str]]) -> None:
        """Take (column, folded spelling, canonical name) rows."""
        self._aliases = {(column, spelling): name for column, spelling, name in aliases}
        self._known: dict[tuple[str, str], str] = {}

    @classmethod
    def of(cls, database: Database) -> Names:
        """Return the names by the aliases in a database."""
        return cls(database.rows("SELECT field, spelling, canonical FROM aliases"))

    def canonical(self, column: str, raw: str | None) -> str:
        """Return the name that is shown for a raw one."""
        if raw is None:
            return UNKNOWN
        known = self._known.get((column, raw))
        if known is None:
            known = self._looked_up(column, raw)
            self._known[column, raw] = known
        return known

    def _looked_up(self, column: str, raw: str) -> str:
        """Return the alias of a name; of a country's ISO 3166 code, that of the name it stands for.

        "NGA" is Nigeria, unless an alias says what NGA is.
        """
        alias = self._aliases.get((column, fold(raw)))
        if alias is None and column == "country" and (name := name_of(raw)):
            return self._aliases.get((column, fold(name)), name)
        return alias or raw

    def matching(self, column: str, raws: Iterable[str], globs: Sequence[str]) -> list[str]:
        """Return the raw names whose canonical name matches any of the globs, case and all.

        A country may be given by its ISO 3166 code.
        """
        wanted = [
            self.canonical(column, glob) if column == "country" and name_of(glob) else glob
            for glob in globs
        ]
        return [
            raw
            for raw in raws
            if any(fnmatchcase(self.canonical(column, raw), glob) for glob in wanted)
        ]


def alias_rows(aliases: Aliases) -> Iterator[tuple[str, str, str]]:
    """Yield (column, folded spelling, canonical name), each canonical name's own spelling too."""
    for column, table in aliases:
        for canonical, spellings in table.items():
            for spelling in dict.fromkeys(fold(name) for name in (canonical, *spellings)):
                yield column, spelling, canonical
