"""Checks that several tables share."""

from __future__ import annotations

DATE = "GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
"""An ISO date."""
