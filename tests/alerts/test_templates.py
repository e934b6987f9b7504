"""Templates of messages: the built-in ones, and those of users, tried before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from alerts.examples import examples
from alerts.messages import Message
from alerts.templates import BUILT_IN, Templates, types_of
from tests.alerts.samples import body

_DATA = Message.model_fields["data"].annotation
"""The union of all data of messages."""


def message() -> Message:
    return Message.model_validate(body(place="A & <b>"))


def test_every_type_of_message_has_an_example() -> None:
    assert {one.type for one in examples()} == types_of("email.html.j2")
    assert len(types_of("email.html.j2")) >= 8


def test_everything_that_a_message_can_be_about_has_an_example() -> None:
    abouts = {kind.model_fields["about"].annotation for kind in get_args(_DATA)}
    known = {about for literal in abouts for about in get_args(literal)}
    assert {one.data.about for one in examples()} == known
    assert {"forecast", "observed", "spread", "skill", "feed", "person"} < known


@pytest.mark.parametrize("path", sorted(BUILT_IN.glob("*.j2")), ids=lambda path: path.name)
def test_every_built_in_template_fits_every_message_that_it_is_for(path: Path) -> None:
    channel, *_, form = path.name.removesuffix(".j2").split(".")
    fitting = [one for one in examples() if one.type in types_of(path.name)]
    assert fitting
    for one in fitting:
        assert Templates().render(channel, form, one).strip()


def test_a_users_template_overrides_the_built_in_one_for_its_type(tmp_path: Path) -> None:
    (tmp_path / "email.subject.j2").write_text("any: {{ data.place }}")
    (tmp_path / "email.alert.resolved.subject.j2").write_text("over: {{ data.place }}")
    mine = Templates(tmp_path)
    assert list(mine.check(tmp_path)) == []
    assert mine.render("email", "subject", message()) == "any: A & <b>"
    ended = message().model_copy(update={"type": "alert.resolved"})
    assert mine.render("email", "subject", ended) == "over: A & <b>"
    assert mine.render("email", "txt", message()) == Templates().render("email", "txt", message())


def test_html_templates_escape_what_comes_from_outside(tmp_path: Path) -> None:
    (tmp_path / "email.html.j2").write_text("<p>{{ data.place }}</p>")
    assert Templates(tmp_path).render("email", "html", message()) == "<p>A &amp; &lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("name", "source", "line", "said"),
    [
        ("email.html.j2", "fine\n{{ data.plase }}", 2, "has no attribute 'plase'"),
        ("email.html.j2", "fine\nfine\n{% if %}", 3, "Expected an expression"),
        ("email.alert.judged.txt.j2", "{{ rows[99][0] }}", 1, "has no element 99"),
        ("email.alert.group.txt.j2", "\n\n\n{{ data.window.first }}", 4, "no attribute 'window'"),
        ("email.txt.j2", "{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("email.txt.j2", "{% include '/etc/passwd' %}", 1, "/etc/passwd"),
        ("email.txt.j2", "{{ 1 / 0 }}", 1, "division by zero"),
    ],
)
def test_a_template_that_fails_on_any_message_names_file_and_line(
    tmp_path: Path, name: str, source: str, line: int, said: str
) -> None:
    (tmp_path / name).write_text(source)
    (found,) = Templates(tmp_path).check(tmp_path)
    assert found.where == f"{tmp_path / name}:{line}"
    assert said in found.problem


def test_a_template_that_nothing_uses_is_an_error(tmp_path: Path) -> None:
    for name in ("mail.html.j2", "email.pdf.j2", "email.alert.firng.html.j2"):
        path = tmp_path / name
        path.write_text("x")
        (found,) = Templates(tmp_path).check(tmp_path)
        assert "no message uses" in found.problem
        path.unlink()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (found,) = Templates(tmp_path / "none").check(tmp_path / "none")
    assert "is no folder" in found.problem
