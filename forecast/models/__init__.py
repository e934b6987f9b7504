"""The members of the pool: one file each, imported at first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from core.errors import InputError

if TYPE_CHECKING:
    from forecast.models.base import Model

MODELS = {
    "dynamic-count": "forecast.models.dynamic_count:DynamicCount",
    "conflictology": "forecast.models.conflictology:Conflictology",
    "prophet": "forecast.models.prophet:Prophet",
    "seasonal": "forecast.models.seasonal:Seasonal",
    "neighbours": "forecast.models.neighbours:Neighbours",
    "self-exciting": "forecast.models.self_exciting:SelfExciting",
    "history-nb": "forecast.models.history_nb:HistoryNB",
    "last": "forecast.models.last:Last",
    "zero": "forecast.models.zero:Zero",
}
"""Name in the configuration → where the model is."""
COSTLY = frozenset({"prophet"})
"""Members that fit one series at a time: asked where forecasts are wanted, and nowhere else."""
PROVING = COSTLY | {"seasonal", "neighbours", "self-exciting"}
"""Members that have a share only where past forecasts show that they earn it."""
NAIVE = ("zero", "last", "conflictology", "history-nb")
"""What every backtest shows beside the members."""


def model(name: str) -> Model:
    """Return a model by its name.

    Raises:
        InputError: there is none of this name.
    """
    if name not in MODELS:
        raise InputError("models", f"there is no model {name!r}", f"use {', '.join(MODELS)}")
    module, kind = MODELS[name].split(":")
    return cast("Model", getattr(import_module(module), kind)())
