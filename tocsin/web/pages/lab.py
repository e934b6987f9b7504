"""The threshold lab: what a rule would have rung over the past years, before it is one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse

from core.errors import InputError
from core.regions import label
from core.settings import SEVERITIES, Severity, WatchSettings
from tocsin.lab.answer import Choice, answer
from tocsin.lab.ladder import code_of, column_of
from tocsin.lab.window import MOST_QUIET, Replayed, Window
from tocsin.rule_skill import described
from tocsin.web.access import Viewer
from tocsin.web.desk import Desk, desk_of, viewer_of
from tocsin.web.pages.about import about_watches
from tocsin.web.pages.asked import BLANK_IS_NONE
from tocsin.web.pages.past_rings import strips
from tocsin.web.pages.site import address, page
from tocsin.web.problems import NotFoundError
from tocsin.web.replays import Replays

router = APIRouter(include_in_schema=False)
PATH = "/lab"
_LOOK_AGAIN = {"Refresh": "2"}
"""Browsers ask again by themselves; the page has nothing to lose by it, and works without."""
_NAMES, _SHOWN = 500, 50
"""Regions that the field proposes; alerts and misses that are listed."""
_CLEAR = 0.7
"""Of the probability to ring, the one to clear at, where nothing else is asked."""
_USUAL = "times_baseline:2:5"
Percent = Annotated[Annotated[int, Field(ge=1, le=99)] | None, BLANK_IS_NONE]


class Asked(BaseModel):
    """What the address asks for; probabilities in per cent, None or "" where it does not say."""

    model_config = ConfigDict(frozen=True)
    watch: str = Field(default="", max_length=64)
    within: int = Field(default=3, ge=1, le=60)
    aggregate: Literal["any", "total"] = "any"
    of: Literal["regions", "totals"] = "regions"
    clock: Literal["event-date", "known-then"] = "event-date"
    at_least: str = Field(default="", max_length=60)
    probability: Percent = None
    clear: Percent = None
    region: str = Field(default="", max_length=1_000)
    severity: Severity = "elevated"
    fire_after: int = Field(default=1, ge=1, le=12)
    clear_after: int = Field(default=2, ge=1, le=12)
    quiet: int = Field(default=1, ge=0, le=MOST_QUIET)
    go: bool = False

    @property
    def window(self) -> Window:
        """Return what has to be replayed."""
        known_then = self.clock == "known-then"
        return Window(self.watch, self.within, self.aggregate, self.of, known_then)


@router.get(PATH)
def lab(
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    viewer: Annotated[Viewer, Depends(viewer_of)],
    asked: Annotated[Asked, Query()],
) -> HTMLResponse:
    """Return the lab: the form, how far a replay is, or what would have rung."""
    seen = desk.watches(viewer)
    if not seen:
        raise NotFoundError("lab", "there is no watch for you to see")
    watch = desk.watch(viewer, asked.watch or seen[0].name)
    asked = _fitted(desk, watch, asked)
    found, fault = _found(request, watch, asked)
    shown = _shown(watch, found, asked) if isinstance(found, Replayed) else {}
    made = page(
        request,
        "lab.html.j2",
        about_watches(request, [watch]),
        status=400 if fault else 200,
        watch=watch,
        asked=asked,
        seen=seen,
        severities=SEVERITIES,
        most_quiet=MOST_QUIET,
        progress=None if isinstance(found, Replayed) else found,
        fault=fault,
        presets=_presets(desk, watch),
        link=lambda **changed: _address(asked, **changed),
        **{**_NOTHING, **shown},
    )
    if found is not None and not shown:
        made.headers.update(_LOOK_AGAIN)
    return made


_NOTHING: dict[str, Any] = dict.fromkeys(("found", "label", "unit", "known_to"))
_NOTHING |= {"thresholds": (), "names": (), "strips": (), "shown": _SHOWN}


def _found(request: Request, watch: WatchSettings, asked: Asked) -> tuple[Any, str]:
    """Return a replay or how far it is, None where none is asked for; and what went wrong."""
    replays: Replays = request.app.state.replays
    try:
        return (replays.ask(watch, asked.window) if asked.go else None), ""
    except InputError as error:
        return None, f"{error.problem}; {error.mend}" if error.mend else error.problem


def _fitted(desk: Desk, watch: WatchSettings, asked: Asked) -> Asked:
    """Return what is asked as the watch can give it; what is not said is as its first rule."""
    rule = next((rule for rule in desk.config.rules if rule.watch == watch.name), None)
    level = rule.levels[0] if rule else None
    probability = asked.probability or (round(level.probability * 100) if level else 50)
    usual = rule.clear_probability * 100 if rule and not asked.probability else probability * _CLEAR
    fitted = {
        "watch": watch.name,
        "within": min(asked.within, watch.horizon),
        "of": asked.of if watch.totals else "regions",
        "at_least": asked.at_least or (code_of(level) if level else _USUAL),
        "probability": probability,
        "clear": min(asked.clear or max(round(usual), 1), probability),
        "region": asked.region.strip() or "*",
    }
    return asked.model_copy(update=fitted)


def _shown(watch: WatchSettings, replayed: Replayed, asked: Asked) -> dict[str, Any]:
    """Return what the template shows of a replay."""
    choice = _choice(replayed, asked)
    found = answer(replayed, watch, choice)
    return {
        "found": found.document,
        "label": replayed.label,
        "unit": replayed.unit,
        "known_to": replayed.known_to,
        "thresholds": [
            (code_of(level), described(level), n == choice.column)
            for n, level in enumerate(replayed.ladder)
        ],
        "names": sorted(label(key) for key in replayed.track.keys)[:_NAMES],
        "strips": strips(found.track, found.policy, choice.quiet) if found.track.keys else (),
    }


def _choice(replayed: Replayed, asked: Asked) -> Choice:
    column = column_of(replayed.ladder, asked.at_least)
    assert asked.probability, "filled in before"
    assert asked.clear, "filled in before"
    return Choice(
        column=column if column is not None else column_of(replayed.ladder, _USUAL) or 0,
        probability=asked.probability / 100,
        clear=asked.clear / 100,
        region=asked.region,
        severity=asked.severity,
        fire_after=asked.fire_after,
        clear_after=asked.clear_after,
        quiet=asked.quiet,
    )


def _presets(desk: Desk, watch: WatchSettings) -> list[tuple[str, str]]:
    """Return per level of the watch's rules its name and where the lab shows it."""
    return [
        (
            f"{rule.name}, {level.severity}",
            address(
                PATH,
                watch=watch.name,
                within=min(rule.within, watch.horizon),
                aggregate=rule.aggregate,
                of=rule.of,
                at_least=code_of(level),
                probability=round(level.probability * 100),
                clear=round(rule.clear_probability * 100),
                region=rule.region,
                severity=level.severity,
                fire_after=rule.fire_after,
                clear_after=rule.clear_after,
                go=1,
            ),
        )
        for rule in desk.config.rules
        if rule.watch == watch.name
        for level in rule.levels
    ]


def _address(asked: Asked, **changed: object) -> str:
    return address(PATH, **{**asked.model_dump(), "go": int(asked.go), **changed})
