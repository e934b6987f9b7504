"""Errors that people read: one line, and the exit code of their kind."""

import pytest

from core.errors import (
    EXIT_FAILED,
    EXIT_INPUT,
    EXIT_STORAGE,
    ConfigError,
    FailedError,
    FeedError,
    InputError,
    StorageError,
    TocsinError,
)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("config.toml", "no key", "add it"), "config.toml: no key; add it"),
        (("config.toml", "no key"), "config.toml: no key"),
        (("", "no key", "add it"), "no key; add it"),
        (("a\nb", "c\t\n d", "e\r\nf"), "a b: c d; e f"),
    ],
)
def test_an_error_is_one_line(parts: tuple[str, ...], line: str) -> None:
    error = TocsinError(*parts)
    assert error.line() == str(error) == line


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TocsinError, EXIT_FAILED),
        (FailedError, EXIT_FAILED),
        (InputError, EXIT_INPUT),
        (ConfigError, EXIT_INPUT),
        (FeedError, EXIT_INPUT),
        (StorageError, EXIT_STORAGE),
    ],
)
def test_the_kind_of_an_error_is_its_exit_code(kind: type[TocsinError], code: int) -> None:
    assert kind("here", "wrong").exit_code == code
    assert issubclass(kind, TocsinError)
