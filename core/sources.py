"""Where numbers come from, and what may be done with them: said beside every number shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from core.settings import FeedSettings, Share, WatchSettings

INSIDE_ONLY = "for use inside the organisation only"


class Source(BaseModel):
    """A feed as it is credited.

    Attributes:
        feed: its name in the configuration.
        noun: what one of its rows is.
        attribution: whom its owner wants named, "" where that is not configured.
        licence: its terms of use, "" where they are not configured.
        share: what may leave the organisation (see `core.settings.FeedSettings`).
        accessed: day of the last good pull, None before the first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str
    noun: str
    attribution: str
    licence: str
    share: Share
    accessed: date | None

    @classmethod
    def of(cls, feed: FeedSettings, accessed: date | None) -> Source:
        """Return the credit of a feed that was last pulled on a day."""
        return cls(
            feed=feed.name,
            noun=feed.noun,
            attribution=feed.attribution,
            licence=feed.licence,
            share=feed.share,
            accessed=accessed,
        )


def credits_of(
    sources: Iterable[Source], day: Callable[[date], str] = date.isoformat
) -> tuple[str, ...]:
    """Return one line per owner, licence and day: "a, b: OWNER; LICENCE; accessed 2024-01-31"."""
    named: dict[str, list[str]] = {}
    for source in sources:
        when = f"accessed {day(source.accessed)}" if source.accessed else "not pulled yet"
        terms = [
            source.attribution,
            source.licence or "licence not stated",
            when,
            INSIDE_ONLY if source.share == "none" else "",
        ]
        named.setdefault("; ".join(filter(None, terms)), []).append(source.feed)
    return tuple(f"{', '.join(feeds)}: {terms}" for terms, feeds in named.items())


def filters_of(watch: WatchSettings) -> str:
    """Return which incidents a watch counts: "fatalities by country, per month; …"."""
    parts = [f"{watch.measure} by {', '.join(watch.group_by)}, per {watch.period.value}"]
    for column, globs in watch.where.items():
        wanted = (globs,) if isinstance(globs, str) else globs
        parts.append(f"only {column} = {' or '.join(wanted)}")
    if watch.precedence:
        parts.append(f"each event from one of {', '.join(watch.precedence)}, in that order")
    return "; ".join(parts)


def confined(feeds: Sequence[FeedSettings]) -> list[str]:
    """Return the feeds of which nothing may leave the organisation."""
    return [feed.name for feed in feeds if feed.share == "none"]
