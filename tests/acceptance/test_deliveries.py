"""`tocsin deliveries` and channels that fail for good, with real receivers."""

from __future__ import annotations

import csv
import io
import json

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.acceptance.test_delivery import SECRET, counts, make_due
from tests.acceptance.town import Town

ENV = {"HOOK": SECRET}
CHANNELS = """
[[channels]]
name = "soc"
kind = "webhook"
url = "{url}"
secret_env = "HOOK"
allow_networks = ["127.0.0.0/8", "::1/128"]

[[channels]]
name = "log"
kind = "file"
path = "log.jsonl"

[[routes]]
channels = ["soc"]
"""


class Receiver:
    """Answers with the codes it is given, the last one for ever."""

    def __init__(self, server: HTTPServer, *codes: int) -> None:
        self.codes, self.got = list(codes), []
        server.expect_request("/hook", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.got.append(json.loads(request.data) | {"id": request.headers["webhook-id"]})
        return Response(status=self.codes.pop(0) if len(self.codes) > 1 else self.codes[0])


def configured(town: Town, server: HTTPServer, extra: str = "") -> None:
    channels = CHANNELS.format(url=server.url_for("/hook"))
    town.configure(channels.replace('secret_env = "HOOK"', f'secret_env = "HOOK"\n{extra}'))


def logged(town: Town) -> list[dict[str, object]]:
    path = town.folder / "log.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_row_36_a_receiver_that_wants_no_more_is_told_of_elsewhere_and_never_posted_to(
    town: Town, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver, 410, 204)
    configured(town, httpserver)
    assert town.tocsin("run", env=ENV).code == 4
    assert [message["type"] for message in logged(town)] == ["service.notice"]
    make_due(town)
    for _ in range(3):
        town.tocsin("run", env=ENV)
    assert len(receiver.got) == 1
    assert counts(town) == {"pending": 1, "delivered": 1}
    doctor = town.tocsin("doctor", env=ENV)
    assert doctor.code == 4
    assert "channel soc: disabled since" in doctor.out
    assert "HTTP 410" in doctor.out
    assert town.tocsin("deliveries", "enable", "soc").code == 0
    town.tocsin("run", env=ENV)
    assert counts(town) == {"delivered": 2}
    assert receiver.got[0] == receiver.got[1]
    assert town.tocsin("deliveries", "enable", "soc").code == 2
    print("row 36: 1 post, 0 further posts, told by another channel in the same run")


def test_a_changed_configuration_tries_a_disabled_channel_again(
    town: Town, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver, 403, 204)
    configured(town, httpserver)
    town.tocsin("run", env=ENV)
    configured(town, httpserver, "group_over = 9")
    town.tocsin("run", env=ENV)
    assert len(receiver.got) == 2
    assert counts(town)["delivered"] >= 2


def test_a_disabled_channels_messages_go_to_its_fallback(
    town: Town, httpserver: HTTPServer
) -> None:
    Receiver(httpserver, 410)
    configured(town, httpserver, 'fallback = "log"')
    town.tocsin("run", env=ENV)
    kinds = sorted(str(message["type"]) for message in logged(town))
    assert kinds == ["alert.firing", "service.notice"]
    listed = town.tocsin("deliveries", "list", "--format", "json").data
    (copy,) = [row for row in listed if row["type"] == "alert.firing" and row["channel"] == "log"]
    assert copy["delivery_id"].endswith(".log")
    assert counts(town) == {"pending": 1, "delivered": 2}


def test_a_trial_goes_the_way_of_alerts_and_says_what_came_of_it(
    town: Town, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver, 204, 204, 503)
    configured(town, httpserver)
    town.tocsin("run", env=ENV)
    taken = town.tocsin("deliveries", "test", "soc", env=ENV)
    assert taken.code == 0
    assert "HTTP 204" in taken.out
    assert receiver.got[1]["type"] == "alert.test"
    refused = town.tocsin("deliveries", "test", "soc", env=ENV)
    assert refused.code == 1
    assert "did not take the test: HTTP 503" in refused.err
    assert town.tocsin("deliveries", "test", "sco", env=ENV).code == 2
    assert town.tocsin("doctor", env=ENV).code == 0
    assert counts(town) == {"delivered": 2, "dead": 1}


def test_messages_that_were_given_up_are_listed_and_replayed(
    town: Town, httpserver: HTTPServer
) -> None:
    receiver = Receiver(httpserver, 400, 204)
    configured(town, httpserver)
    town.tocsin("run", env=ENV)
    (dead,) = town.tocsin("deliveries", "list", "--state", "dead", "--format", "json").data
    assert (dead["channel"], dead["detail"], dead["tries"]) == ("soc", "HTTP 400", 1)
    assert any(message["data"]["event"] == "given_up" for message in logged(town))
    table = town.tocsin("deliveries", "list", "--channel", "soc", "--format", "csv").out
    assert [row["answer"] for row in csv.DictReader(io.StringIO(table))] == ["HTTP 400"]
    assert "dead, 1 try: HTTP 400" in town.tocsin("deliveries", "list").out
    assert "messages that are due again: 1;" in town.tocsin("deliveries", "replay", "--dead").out
    assert town.tocsin("run", env=ENV).code == 0
    assert receiver.got[0] == receiver.got[1]
    assert town.tocsin("deliveries", "replay", "msg_none").code == 2
    assert town.tocsin("deliveries", "replay").code == 2
