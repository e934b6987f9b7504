"""Numbers of things as they are said: "1 deadly event", "2 deadly events".

What a feed counts is named by its owner in the plural (`noun`), so its singular is found by rule.
"""

from __future__ import annotations

import re

_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "crises": "crisis",
    "series": "series",
    "species": "species",
}
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"))
_SINGULAR = ("ss", "us", "is")
_AFTER = re.compile(
    r" (?:in|of|with|by|on|at|against|from|to|per|for|near|involving|killed|wounded|reported)\b",
    re.IGNORECASE,
)
"""Words after which a name says which things are meant: what is counted stands before them."""


def quantity(count: int, things: str) -> str:
    """Return a number of things, named in the plural: "1 attack", "1,200 attacks"."""
    return said(f"{count:,}", things)


def said(number: str, things: str) -> str:
    """Return things behind a number that is in digits already: "1 attack", "0.5 attacks"."""
    return f"{number} {one_of(things) if number == '1' else things}"


def named(things: str, count: int) -> str:
    """Return things as they are called behind their number, without it."""
    return one_of(things) if count == 1 else things


def one_of(things: str) -> str:
    """Return the singular of English things: "deaths in simulated attacks" → "death in …".

    A word that does not look like a plural is left as it is.
    """
    head = _AFTER.split(things, maxsplit=1)[0]
    before, space, noun = head.rpartition(" ")
    return before + space + _singular(noun) + things[len(head) :]


def _singular(noun: str) -> str:
    """Return the singular of one word. Source: the regular plurals of English, and a few others."""
    low = noun.lower()
    if low in _IRREGULAR:
        return noun[0] + _IRREGULAR[low][1:]
    for many, one in _ENDINGS:
        if low.endswith(many):
            return noun[: -len(many)] + one
    return noun[:-1] if low.endswith("s") and not low.endswith(_SINGULAR) else noun
