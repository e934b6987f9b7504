"""Known dates: read when the configuration is, and set beside the series that they hold for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from core.calendars import Calendar, Occasion, known_dates
from core.errors import ConfigError
from core.settings import CalendarSettings
from tocsin.complaints import Complaints

if TYPE_CHECKING:  # NumPy: the service reads its configuration without it
    from core.series import Panel


def calendars(
    settings: Sequence[CalendarSettings], base: Path, complain: Complaints
) -> tuple[Calendar, ...]:
    """Return the calendars of a configuration whose paths start from `base`.

    Raises:
        ConfigError: one cannot be read, or nothing in it is meant by `only`.
    """
    return tuple(_calendar(one, n, base, complain) for n, one in enumerate(settings))


def _calendar(settings: CalendarSettings, n: int, base: Path, complain: Complaints) -> Calendar:
    try:
        occasions = _occasions(settings, base)
    except ConfigError as error:
        raise complain.at(("calendars", n), f"{error.where}: {error.problem}", error.mend) from None
    chosen = tuple(
        one for one in occasions if any(fnmatchcase(one.name, glob) for glob in settings.only)
    )
    if not chosen:
        problem = f"{settings.name}: no known date is left"
        raise complain.at(("calendars", n), problem, "check the file, and only")
    countries = settings.countries or ((settings.country,) if settings.country else ())
    return Calendar(settings.name, chosen, countries, settings.regions)


def _occasions(settings: CalendarSettings, base: Path) -> tuple[Occasion, ...]:
    if settings.path is not None:
        from feeds.calendars import ics  # noqa: PLC0415 - only where there is such a calendar

        return ics.read(base / settings.path)
    from feeds.calendars import public_holidays  # noqa: PLC0415 - as above

    return public_holidays.read(settings.country or "", settings.categories, settings.name)


def dated(panel: Panel, columns: Sequence[str], known: Sequence[Calendar]) -> Panel:
    """Return a panel with the known dates of its regions, whose parts are these columns."""
    if not known:
        return panel
    seen: dict[tuple[bool, ...], tuple[Occasion, ...]] = {}
    found = []
    for key in panel.keys:
        holding = tuple(one.holds_in(key, columns) for one in known)
        if holding not in seen:
            seen[holding] = known_dates(known, key, columns)
        found.append(seen[holding])
    return replace(panel, occasions=tuple(found))
