"""How messages are laid out: Jinja2 templates beside the channels, which users may override.

A template is called CHANNEL.FORM.j2, as in "email.html.j2"; CHANNEL.TYPE.FORM.j2, as in
"email.alert.firing.html.j2", is for messages of one type. They run in a sandbox, and everything
in an HTML template is escaped. What they see:

    type, data    the message, as its schema says (alerts/message.schema.json)
    subject       its subject line
    banner        what it is when it is no ordinary one, in capitals: "SIMULATED DATA"
    rows          (name, value) pairs in reading order
    text          all of it as plain text
    chart         None, or `cid` and `alt` of the picture
    links         (name, address) pairs: our pages on which people read on
    acknowledge   None, or `url` of the link that acknowledges, `until` when in words, and how many
                  `alerts`
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts import wording
from alerts.examples import examples
from alerts.messages import Message, every_type
from alerts.rendering import banner, links, rows, subject, text
from alerts.tickets import AckLink
from core.errors import ConfigError

BUILT_IN = Path(__file__).with_name("channels") / "templates"
_CHART = {"cid": "chart@example.org", "alt": "A chart."}
_LINK = AckLink("https://tocsin.example.org/acknowledge?link=x", datetime(2022, 10, 6, tzinfo=UTC))
_NAMES = tuple(sorted(path.name for path in BUILT_IN.glob("*.j2") if path.name.count(".") == 2))
"""Those for messages of every type; a built-in one may be for one type too, as a user's."""


class Templates:
    """The templates of all channels: the user's folder first, then the built-in ones."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the user's folder, if there is one. Nothing is read yet."""
        places = [folder, BUILT_IN] if folder else [BUILT_IN]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(place) for place in places]),
            autoescape=lambda name: bool(name and name.endswith(".html.j2")),
            undefined=StrictUndefined,
        )

    def render(
        self,
        channel: str,
        form: str,
        message: Message,
        chart: dict[str, str] | None = None,
        link: AckLink | None = None,
    ) -> str:
        """Return a message in one form of a channel; a subject is one line.

        Raises:
            TemplateError: when the template does not fit the message.
        """
        names = [f"{channel}.{message.type}.{form}.j2", f"{channel}.{form}.j2"]
        template = self._environment.select_template(names)
        return self._filled(template, message, chart, link)

    def check(self, folder: Path) -> Iterator[ConfigError]:
        """Yield what is wrong with the user's templates: each is tried on every kind of message."""
        if not folder.is_dir():
            yield ConfigError(
                "templates.folder", f"{folder} is no folder", "make it, or mend the path"
            )
            return
        for path in sorted(folder.glob("*.j2")):
            found = self._problem(path)
            if found is not None:
                yield found

    def _problem(self, path: Path) -> ConfigError | None:
        kinds = types_of(path.name)
        if not kinds:
            mend = f"name it {', '.join(_NAMES)}, or as email.alert.firing.html.j2"
            return ConfigError(str(path), "no message uses a template of this name", mend)
        try:
            template = self._environment.get_template(path.name)
            for message in examples():
                if message.type in kinds:
                    self._filled(template, message, None, None)
                    self._filled(template, message, _CHART, _LINK)
        except Exception as error:  # noqa: BLE001 - a template may raise anything
            where = f"{path}:{_line(error, path)}"
            return ConfigError(where, f"the template fails: {error}", "see docs/configuration.md")
        return None

    def _filled(
        self,
        template: Any,
        message: Message,
        chart: dict[str, str] | None,
        link: AckLink | None,
    ) -> str:
        return str(
            template.render(
                type=message.type,
                data=message.model_dump(mode="json")["data"],
                subject=subject(message),
                banner=banner(message),
                rows=rows(message),
                text=text(message),
                chart=chart,
                links=links(message),
                acknowledge=link
                and {"url": link.url, "until": _until(link), "alerts": link.alerts},
            )
        )


def _until(link: AckLink) -> str:
    return f"{wording.day(link.ends.date())}, {link.ends:%H:%M} UTC"


def types_of(name: str) -> frozenset[str]:
    """Return the types of messages that a template of this name is used for; none if unknown."""
    every = every_type()
    if name in _NAMES:
        return every
    channel, _, rest = name.partition(".")
    kind, _, form = rest.removesuffix(".j2").rpartition(".")
    known = kind in every and f"{channel}.{form}.j2" in _NAMES
    return frozenset({kind}) if known else frozenset()


def _line(error: BaseException, path: Path) -> int:
    """Return the line of a template in which an error arose; Jinja2 puts it into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return (lines or [None])[-1] or 1
