"""How the engine's loops are compiled: once per installation, without the interpreter's lock.

Every array that a function takes is code to be compiled, a tuple of arrays much of it, so loops
take the few plain arrays that they read, and scratch that NumPy has made. What only compiled code
calls is put into its callers, where the arrays it is given are seen to be adjacent numbers and its
loops are vectorised (a fifth of the time of the largest loop); nothing has a way in from C.
Division by zero gives infinity as NumPy does, so that a division needs no code to raise an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}
_INNER: dict[str, Any] = {**_OPTIONS, "inline": "always"}
_FAST = {"contract", "nnan", "nsz", "reassoc"}


def compiled(function: F) -> F:
    """Compile a function that Python calls."""
    return cast("F", njit(**_OPTIONS)(function))


def inner(function: F) -> F:
    """Put a function into the compiled ones that call it, to be compiled as they are."""
    return cast("F", njit(**_INNER)(function))


def compiled_fast(function: F) -> F:
    """Compile a function that Python calls, for sums that may be taken in any order, never NaN."""
    return cast("F", njit(**_OPTIONS, fastmath=_FAST)(function))
