"""Row 51: what stands in a secret's place is found nowhere else, whatever goes wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.acceptance.town import QUIET, RISING, Answer, Town

KEYS = {
    name: f"canary-{name}-51".ljust(32, "x")
    for name in ("old", "new", "token", "mail", "chat", "links", "links-before")
}
ENV = {
    "OLD": "whsec_" + base64.b64encode(KEYS["old"].encode()).decode(),
    "NEW": "whsec_" + base64.b64encode(KEYS["new"].encode()).decode(),
    "TOKEN": KEYS["token"],
    "MAIL": KEYS["mail"],
    "LINKS": KEYS["links"],
    "LINKS_BEFORE": KEYS["links-before"],
    "CHAT": f"json://user:{KEYS['chat']}@127.0.0.1:9/{KEYS['chat']}",
}
CHANNELS = """
[[channels]]
name = "soc"
kind = "webhook"
url = "https://127.0.0.1:9/"
secret_env = "NEW"
previous_secret_env = "OLD"
token_env = "TOKEN"
allow_networks = ["127.0.0.0/8"]

[[channels]]
name = "duty"
kind = "email"
from = "tocsin@example.org"
to = ["duty@example.org"]
smtp = { host = "127.0.0.1", port = 9, username = "tocsin", password_env = "MAIL" }
ack_links = true

[web]
public_url = "https://127.0.0.1"

[web.ack_links]
secret_env = "LINKS"
previous_secret_env = "LINKS_BEFORE"

[[channels]]
name = "chat"
kind = "apprise"
url_env = "CHAT"

[[channels]]
name = "cap"
kind = "cap"
folder = "cap"
sender = "tocsin@example.org"

[[routes]]
channels = ["soc", "duty", "chat", "cap"]
"""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.configure(CHANNELS)
    made.record({"Calm": QUIET, "Storm": RISING})
    return made


def found_in(text: bytes) -> set[str]:
    shown = [*KEYS.values(), *(value.removeprefix("whsec_") for value in ENV.values())]
    return {one for one in shown if one.encode() in text}


def test_secrets_stand_nowhere_but_in_their_place(town: Town) -> None:
    answers: list[Answer] = [
        town.tocsin(*command, env=ENV)
        for command in (
            ["run"],
            ["config", "check"],
            ["doctor"],
            ["deliveries", "list", "--format", "json"],
            ["deliveries", "test", "chat"],
        )
    ]
    wrong = {**ENV, "NEW": KEYS["new"], "CHAT": f"no-such://{KEYS['chat']}"}
    answers += [town.tocsin("run", env={**ENV, name: wrong[name]}) for name in ("NEW", "CHAT")]
    assert [answer.code for answer in answers[-2:]] == [2, 2]
    hits = set[str]()
    for answer in answers:
        assert "Traceback" not in answer.err
        hits |= found_in((answer.out + answer.err).encode())
    files = [path for path in town.folder.rglob("*") if path.is_file()]
    for path in files:
        hits |= found_in(path.read_bytes())
    assert list((town.folder / "cap").glob("2*.xml"))
    assert not hits
    print(f"row 51: {len(ENV)} secrets, {len(answers)} commands, {len(files)} files, 0 hits")


def test_a_broken_template_is_an_error_of_the_configuration(town: Town) -> None:
    town.configure(CHANNELS + '\n[templates]\nfolder = "words"\n')
    (town.folder / "words").mkdir()
    (town.folder / "words" / "email.txt.j2").write_text("fine\n{{ data.plase }}\n", "utf-8")
    answer = town.tocsin("config", "check", env=ENV)
    assert answer.code == 2
    assert "words/email.txt.j2:2: the template fails" in answer.err
    (town.folder / "words" / "email.txt.j2").write_text("{{ data.place }}\n", "utf-8")
    assert town.tocsin("config", "check", env=ENV).code == 0
