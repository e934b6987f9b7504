"""Text that came from outside, made safe to store, compare and show."""

from __future__ import annotations

import re
import unicodedata

_FORMULA_START = re.compile(r"^[\s\x00-\x20]*[=+\-@＝＋－＠|%]")
_QUOTED = re.compile("'.*'", re.DOTALL)
_CITED = 120
WITHHELD = "(withheld)"
"""Stands where a text is not shown, so that nobody takes it for missing."""
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def clean(text: str, limit: int = 500) -> str:
    """Return text in NFC on one line, without control or invisible characters, cut at `limit`.

    Removes what could move a cursor, hide or reorder letters: C0/C1 controls, bidirectional
    marks, zero-width characters, lone surrogates.
    """
    if text.isascii() and text.isprintable():  # nothing of that can be in it
        return " ".join(text.split())[:limit].rstrip()
    spaced = "".join(" " if ch.isspace() else ch for ch in text)
    kept = "".join(ch for ch in spaced if unicodedata.category(ch) not in _INVISIBLE)
    # Only now: what was removed may have kept a letter and its accent apart.
    return " ".join(unicodedata.normalize("NFC", kept).split())[:limit].rstrip()


def fold(text: str) -> str:
    """Return the form in which two spellings of a name are compared: NFKC and case-folded.

    Source: The Unicode Standard, section 3.13.5, compatibility caseless matching.
    """
    folded = clean(unicodedata.normalize("NFKC", text)).casefold()
    return unicodedata.normalize("NFKC", folded)


def cited(text: str) -> str:
    """Return a source's own words as messages quote them; a redaction looks for exactly this."""
    whole = clean(text, len(text))
    if len(whole) <= _CITED:
        return whole
    words = whole[:_CITED].rsplit(" ", 1)[0]
    return words[: _CITED - 1].rstrip(" ,;:") + "…"


def csv_safe(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (an apostrophe goes in front).

    Source: OWASP, "CSV Injection"; full-width forms are included because some programs fold them.
    """
    return f"'{cell}" if _FORMULA_START.match(cell) else cell


def unquoted(reason: str) -> str:
    """Return a reason without what it quotes, from the first quotation mark to the last."""
    return _QUOTED.sub(WITHHELD, reason)


def sparkline(counts: list[int | None]) -> str:
    """Return one block character per count, scaled to the largest; "·" where it is unknown."""
    blocks = "▁▂▃▄▅▆▇█"
    top = max((c for c in counts if c is not None), default=0)
    if top == 0:
        return "".join("·" if c is None else blocks[0] for c in counts)
    return "".join("·" if c is None else blocks[round(c / top * 7)] for c in counts)
