"""What is wrong in a configuration, as one line with file, line, key and the way to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import ConfigError
from tocsin.toml_lines import line_of

Key = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_LISTED = 12
"""Names that one line bears."""


def nearest(name: str, known: Iterable[str], what: str) -> str:
    """Return the way to mend a name: the nearest known one, or all of them."""
    known = sorted(known)
    # People write Kabul for Afghanistan/Kabul.
    ends = {one.rpartition("/")[2]: one for one in known}
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    close += [ends[end] for end in difflib.get_close_matches(name, ends, n=1, cutoff=0.7)]
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"{what} are: {', '.join(known[:_LISTED]) or 'none'}{more}"


class Complaints:
    """Turns what is wrong into one line with file, line and key."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text

    def at(self, key: Key, problem: str, mend: str) -> ConfigError:
        """Return the error for a key of the file."""
        line = line_of(self.text, key)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigError(where, f"{_dotted(key)}: {problem}" if key else problem, mend)

    def validate(self, model: type[M], raw: Any, key: Key) -> M:
        """Return the settings that a raw table holds.

        Raises:
            ConfigError: for the first key of it that cannot be meant.
        """
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            raise self._first(model, error, key) from None
        except ConfigError as error:
            raise self.at(key, error.problem, error.mend) from None

    def by_kind(self, settings_class: Callable[[str], type[M]], raw: dict[str, Any], key: Key) -> M:
        """Return a feed's or channel's settings, whose kind decides which keys there are."""
        kind = raw.get("kind")
        if not isinstance(kind, str):
            raise self.at(key, "needs a kind", 'write kind = "…"')
        try:
            model = settings_class(kind)
        except ConfigError as error:
            raise self.at((*key, "kind"), error.problem, error.mend) from None
        return self.validate(model, raw, key)

    def _first(self, model: type[BaseModel], error: ValidationError, key: Key) -> ConfigError:
        detail = _most_telling(error)
        path = (*key, *_without_tags(detail["loc"]))
        if detail["type"] == "extra_forbidden":
            known = _keys_at(model, detail["loc"][:-1])
            return self.at(path, "unknown key", nearest(str(path[-1]), known, "known keys"))
        shown = detail.get("input")
        value = f", not {shown!r}" if isinstance(shown, str | int | float | bool) else ""
        said = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
        return self.at(path, said + value, _mend(detail))


def _mend(detail: Any) -> str:
    """Return how to mend a value; a share that was written in percent is the commonest slip."""
    bounds, value = detail.get("ctx", {}), detail["input"]
    most = bounds.get("lt", bounds.get("le"))
    if most == 1 and isinstance(value, int | float) and 1 < value <= 100:
        return f"write {value / 100:g} for {value:g} %"
    return "correct it"


def _most_telling(error: ValidationError) -> Any:
    """Return the detail to show: an unknown key first, since it explains a missing one."""
    details = error.errors(include_url=False)
    return next((d for d in details if d["type"] == "extra_forbidden"), details[0])


def _without_tags(loc: Key) -> Key:
    """Return a place less the names of the alternatives that stand there, such as "(number)"."""
    return tuple(part for part in loc if not (isinstance(part, str) and part.startswith("(")))


def _dotted(key: Key) -> str:
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys_at(model: type[BaseModel], loc: Key) -> set[str]:
    """Return the keys that the settings at a place know; of any table that may stand there."""
    found = [model]
    for part in loc:
        if isinstance(part, str):
            found = [
                inner for m in found if part in m.model_fields for inner in _models_in(m, part)
            ] or found
    return {field.alias or name for m in found for name, field in m.model_fields.items()}


def _models_in(model: type[BaseModel], field: str) -> list[type[BaseModel]]:
    pending: list[Any] = [model.model_fields[field].annotation]
    found = []
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind)
        pending.extend(getattr(kind, "__args__", ()))
    return found
