"""What storage offers the other rooms. They know these, never SQLite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from core.alerts import Attempt, Delivery
from core.incidents import Coverage, Notes, Pull
from core.rhythm import Pulse
from core.series import Cells, History
from core.settings import Aliases, FeedSettings, Site, WatchSettings


@dataclass(frozen=True)
class PullReport:
    """What a pull changed. `unchanged` counts rows that were there already, as they are."""

    feed: str
    status: Literal["new", "same"]
    added: int
    revised: int
    deleted: int
    unchanged: int
    quarantined: int
    notes: Notes = field(default_factory=Notes)

    def line(self) -> str:
        """Return the counts for people."""
        return (
            f"{self.feed}: {self.added} new, {self.revised} revised, {self.deleted} deleted, "
            f"{self.unchanged} as before, {self.quarantined} in quarantine"
        )


class IncidentStore(Protocol):
    """Incidents with their revisions; nothing is overwritten."""

    def load(self, feed: FeedSettings, pull: Pull, now: datetime) -> PullReport:
        """Store a pull in one transaction.

        Raises:
            FeedError: from the pull, or when a snapshot has lost over a fifth of its rows;
                nothing is stored then.
        """
        ...

    def bookmark(self, feed: str) -> str:
        """Return the bookmark of a feed's last good pull; "" when it left none."""
        ...

    def note_failure(self, feed: FeedSettings, reason: str, now: datetime) -> None:
        """Record a pull that was refused, in the pull log only."""
        ...

    def set_aliases(self, aliases: Aliases) -> None:
        """Replace the stored aliases by the configured ones."""
        ...

    def set_sites(self, sites: Sequence[Site]) -> None:
        """Replace the stored sites by the configured ones."""
        ...

    def unplaced(self, watch: WatchSettings, cutoff: date, as_of: str | None) -> int:
        """Return how many incidents of a watch have no coordinates."""
        ...

    def watermark(self, as_of: str | None = None) -> str:
        """Return the stamp of the last change of incidents or counts; "" when there is none.

        With `as_of`, of the last one until that stamp.
        """
        ...

    def first_seen(self, feeds: Sequence[str]) -> str | None:
        """Return the stamp of the first pull of these feeds, or None before it."""
        ...

    def cells(self, watch: WatchSettings, cutoff: date, as_of: str | None) -> Cells:
        """Return a watch's counts of events dated until `cutoff`, as known at stamp `as_of`.

        `as_of` None means as known now. Aliases and the watch's `where` are applied.
        """
        ...

    def pulse(self, feed: FeedSettings, as_of: str | None) -> Pulse | None:
        """Return when a feed brought something new, as known at stamp `as_of`.

        None before its first pull.
        """
        ...

    def coverage(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, list[Coverage]]:
        """Return per feed what it covers, as of the last good pull at `as_of`."""
        ...

    def pulled(self, feeds: Sequence[str], as_of: str | None) -> date | None:
        """Return the day until which all of these feeds were looked at, or None before it."""
        ...

    def accessed(self, feeds: Sequence[str], as_of: str | None) -> Mapping[str, date]:
        """Return per feed the day of its last good pull; a feed without one is not in it."""
        ...

    def history(
        self, watch: WatchSettings, cutoff: date, as_of: str | None, since: date
    ) -> History:
        """Return what each good pull until `as_of` knew of a watch's events from `since` on."""
        ...


class Outbox(Protocol):
    """Messages to be sent, at least once each."""

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, only: str | None = None
    ) -> list[Delivery]:
        """Take due deliveries for this process until the lease ends; `only` names one of them."""
        ...

    def release(self, delivery_ids: Collection[str]) -> None:
        """Give back deliveries that were claimed and not tried."""
        ...

    def delivered(self, delivery_id: str, attempt: Attempt) -> None:
        """Mark a claimed delivery as sent, at the latest when `settle` is called."""
        ...

    def settle(self) -> None:
        """Make the marks that wait."""
        ...

    def failed(self, delivery_id: str, attempt: Attempt, retry_at: datetime | None) -> None:
        """Record a failed try; `retry_at` None gives the delivery up (it stays, as dead)."""
        ...

    def refused(self, delivery_id: str, attempt: Attempt, settings: str) -> None:
        """Record a refusal for good: the channel is disabled, the delivery waits for its return.

        `settings` is the digest of the channel's settings; with others it is tried again.
        """
        ...
