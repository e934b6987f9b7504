"""Simulated incidents for demonstrations, labelled as simulated in every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from core.clock import at_date, stamp
from core.incidents import Batch, Coverage, Notes
from core.settings import CARE, FeedSettings, Share
from feeds import story
from feeds.sensitive import without
from feeds.spans import Seen, stretches


class SimulatedSettings(FeedSettings):
    """Keys of kind "simulated". The story's figures hold for every seed; its details differ."""

    kind: Literal["simulated"] = "simulated"
    noun: str = "simulated attacks"
    attribution: str = "a story that Tocsin makes up"
    licence: str = "free to use"
    share: Share = "rows"
    covered_through: date = story.LAST_DAY
    seed: int = 15_082_021


class SimulatedFeed:
    """The story that `feeds.story` tells, as a feed."""

    settings_class = SimulatedSettings

    def __init__(self, settings: SimulatedSettings, base: Path) -> None:
        """Take the settings; `base` is not needed, for there is no file."""
        self._settings = settings

    def pull(self, today: date, bookmark: str = "") -> SimulatedPull:
        """Tell the story up to `today` (see `core.incidents.Feed`); a bookmark is not needed."""
        return SimulatedPull(self._settings, today)


class SimulatedPull:
    """A `core.incidents.Pull` of the story."""

    def __init__(self, settings: SimulatedSettings, today: date) -> None:
        """Take the settings and the last day that is not in the future."""
        self._settings, self._today = settings, today
        self._seen = Seen()
        told = settings.model_dump(mode="json", exclude={"name", *CARE})
        seed = json.dumps([story.VERSION, today.isoformat(), told], sort_keys=True)
        self.digest = hashlib.sha256(seed.encode()).hexdigest()
        self.origin = f"simulated (seed {settings.seed})"
        self.accessed = stamp(at_date(today))
        self.bookmark, self.notes = "", Notes()

    def batches(self) -> Iterator[Batch]:
        """Yield the incidents up to today, once."""
        until = self._today.isoformat()
        told = [one for one in story.incidents(self._settings.seed) if one.date <= until]
        self._seen.add((one.country, one.date) for one in told)
        yield without(Batch(told, [], []), self._settings.sensitive)

    def coverage(self) -> list[Coverage]:
        """Return the story's days, for each country in it."""
        last = min(self._today, story.LAST_DAY)
        return stretches(self._settings, self._seen.days(), last, lambda _: story.FIRST_DAY)

    def close(self) -> None:
        """Do nothing: it holds nothing."""
