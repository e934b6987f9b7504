"""What addresses of pages ask for."""

from __future__ import annotations

from pydantic import BeforeValidator


def _blank(text: object) -> object:
    return None if text == "" else text


BLANK_IS_NONE = BeforeValidator(_blank)
"""A field of a form that was left empty is sent as "" and asks for nothing."""
