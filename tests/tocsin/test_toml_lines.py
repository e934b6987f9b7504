"""Lines of keys in a TOML text."""

import pytest

from tocsin.toml_lines import line_of

TEXT = """\
top = 1                    # 1
[service]
database = "x = 3"
as_of = 2024-01-01
[[feeds]]
name = "a"
[[feeds]]                  # 7
name = "b"
columns = { id = "n", date = "d" }
[aliases.actor]            # 10
"IS" = ["ISIL"]
[[rules]]
levels = [
  { severity = "high", at_least = 3 },
  { severity = "severe", at_least = { times_baseline = 2.0, minimum = 5 } },
]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("service",), 2),
        (("service", "database"), 3),
        (("service", "as_of"), 4),
        (("feeds", 0, "name"), 6),
        (("feeds", 1), 7),
        (("feeds", 1, "name"), 8),
        (("feeds", 1, "columns", "date"), 9),
        (("feeds", 1, "absent"), 7),
        (("aliases", "actor", "IS"), 11),
        (("rules", 0, "levels", 1, "at_least", "minimum"), 15),
        (("top",), 1),
        (("feeds",), 5),
        (("aliases",), 10),
        (("rules", 0), 12),
        (("nowhere",), None),
    ],
)
def test_the_line_of_the_deepest_part_that_is_there(
    path: tuple[str | int, ...], line: int | None
) -> None:
    assert line_of(TEXT, path) == line


def test_a_comment_is_not_a_key() -> None:
    assert line_of("[service]\n# horizon = 3\nhorizon = 4\n", ("service", "horizon")) == 3
