"""Tables whose columns need no mapping, by the name of their preset."""

from __future__ import annotations

from typing import Literal

from feeds.presets.gtd import Gtd
from feeds.presets.preset import AsConfigured, Found, Preset
from feeds.presets.tracker import Tracker

PresetName = Literal["gtd", "tracker"]
PRESETS: dict[PresetName, Preset] = {"gtd": Gtd(), "tracker": Tracker()}

__all__ = ["PRESETS", "AsConfigured", "Found", "Preset", "PresetName"]
