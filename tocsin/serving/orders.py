"""What the service tells a process that works for it, and what that process answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from storage.periods import Ending, Outcome

Kind = Literal["cycle", "deliver", "web"]


@dataclass(frozen=True)
class Order:
    """One piece of work. The configuration is read anew by whoever carries it out.

    Attributes:
        kind: a cycle, sending what is due, or serving pages and API.
        config: the configuration file.
        database: the database that the service owns, whatever the file names by now.
        lock: descriptor of the owner lock, inherited.
        memory_limit_mb: private memory the process may have.
    """

    kind: Kind
    config: Path
    database: Path
    lock: int
    memory_limit_mb: int

    def to_text(self) -> str:
        """Return the order as JSON."""
        return json.dumps(
            {**asdict(self), "config": str(self.config), "database": str(self.database)}
        )

    @classmethod
    def from_text(cls, text: str) -> Order:
        """Return the order that `to_text` wrote."""
        raw = json.loads(text)
        return cls(**{**raw, "config": Path(raw["config"]), "database": Path(raw["database"])})


@dataclass(frozen=True)
class Report:
    """The last word of a process that came to its end by itself.

    Without one, work counts as failed whatever the exit code says: a stray `exit(0)` in the
    middle of a cycle is no success.
    """

    ending: Ending
    words: str = ""

    @property
    def in_words(self) -> str:
        """Return what was done and what was wrong with it."""
        return "; ".join(part for part in (self.words, self.ending.reason) if part)

    def to_text(self) -> str:
        """Return the report as JSON."""
        return json.dumps({"ending": self.ending, "words": self.words})

    @classmethod
    def from_text(cls, text: str) -> Report | None:
        """Return the report that `to_text` wrote, None for anything else."""
        try:
            raw = json.loads(text)
            outcome, code, reason, run = raw["ending"]
            return cls(Ending(Outcome(outcome), code, reason, run), raw["words"])
        except (ValueError, KeyError, TypeError):
            return None
