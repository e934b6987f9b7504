"""Who comes in, and why others do not: the decision as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.web.access import Knock, Refusal, Viewer, decide, host_name
from tocsin.web.cookies import LASTS, cookie_for, form_mark, is_form_mark
from tocsin.web.settings import WebSettings
from tocsin.web.tokens import Tokens

NOW = datetime(2024, 7, 1, 6, tzinfo=UTC)
SECRETS = {"desk": "desk-token-of-32-characters-long", "oslo": "oslo-token-of-32-characters-long"}
PLAIN = WebSettings()
GUARDED = WebSettings.model_validate(
    {
        "hosts": ["tocsin.example.org"],
        "tokens": [
            {"name": "desk", "role": "operator", "token_env": "A"},
            {"name": "oslo", "token_env": "B", "watches": ["north*"]},
        ],
    }
)
PROXIED = WebSettings.model_validate(
    {
        "hosts": ["tocsin.example.org"],
        "proxy": {
            "addresses": ["10.0.0.0/30", "127.0.0.1/32"],
            "users": [
                {"match": "*@ops.example.org", "role": "operator"},
                {"match": "*@oslo.example.org", "watches": ["north*"]},
            ],
        },
    }
)
TOKENS = Tokens(GUARDED.tokens, SECRETS.values())
NONE = Tokens((), ())
OWN = "http://127.0.0.1:8088"


def knock(**shown: object) -> Knock:
    return Knock(**{"peer": "127.0.0.1", "method": "GET", "host": "127.0.0.1:8088", **shown})  # type: ignore[arg-type]


def bearer(name: str) -> str:
    return f"Bearer {SECRETS[name]}"


def test_from_this_machine_everything_is_open_while_nobody_else_can_come() -> None:
    assert decide(PLAIN, NONE, knock(), NOW) == Viewer("local", "operator", ("*",), "local")


@pytest.mark.parametrize(
    ("shown", "refusal"),
    [
        ({"peer": "10.1.1.1"}, Refusal.NOBODY),
        ({"host": None}, Refusal.NO_HOST),
        ({"host": ""}, Refusal.NO_HOST),
        ({"host": "127.0.0.1:port"}, Refusal.NO_HOST),
        ({"host": "evil.example.org"}, Refusal.WRONG_HOST),
        ({"host": "evil.example.org@127.0.0.1"}, Refusal.NO_HOST),
        ({"host": "127.0.0.1.evil.example.org:8088"}, Refusal.WRONG_HOST),
        ({"forwarded": True}, Refusal.STRANGE_PROXY),
        ({"authorization": "Bearer anything-at-all-of-some-length"}, Refusal.WRONG_TOKEN),
        ({"method": "POST"}, Refusal.ELSEWHERE),
        ({"method": "POST", "origin": "null"}, Refusal.ELSEWHERE),
        ({"method": "POST", "origin": "http://evil.example.org"}, Refusal.ELSEWHERE),
        ({"method": "DELETE", "origin": "http://127.0.0.1:3000"}, Refusal.ELSEWHERE),
        ({"method": "POST", "origin": "file://127.0.0.1:8088"}, Refusal.ELSEWHERE),
        (
            {"method": "POST", "origin": OWN, "fetch_site": "cross-site"},
            Refusal.ELSEWHERE,
        ),
    ],
)
def test_on_this_machine_strangers_and_foreign_pages_are_refused(
    shown: dict[str, object], refusal: Refusal
) -> None:
    assert decide(PLAIN, NONE, knock(**shown), NOW) is refusal


def test_a_page_of_our_own_may_write() -> None:
    found = decide(PLAIN, NONE, knock(method="POST", origin=OWN, fetch_site="same-origin"), NOW)
    assert isinstance(found, Viewer)


def test_with_tokens_this_machine_needs_one_too() -> None:
    assert decide(GUARDED, TOKENS, knock(), NOW) is Refusal.NOBODY


def test_a_token_brings_its_role_and_its_watches_and_needs_no_origin() -> None:
    desk = decide(GUARDED, TOKENS, knock(authorization=bearer("desk"), method="POST"), NOW)
    assert desk == Viewer("desk", "operator", ("*",), "token")
    oslo = decide(GUARDED, TOKENS, knock(authorization=bearer("oslo")), NOW)
    assert isinstance(oslo, Viewer)
    assert (oslo.sees("north-east"), oslo.sees("south")) == (True, False)
    written = decide(GUARDED, TOKENS, knock(authorization=bearer("oslo"), method="POST"), NOW)
    assert written is Refusal.READER


@pytest.mark.parametrize("value", ["", "Bearer", "Basic ZGVzazp4", "Bearer x", "bearer \xff"])
def test_a_bad_authorization_is_never_taken_for_none(value: str) -> None:
    cookie = cookie_for(TOKENS, "desk", NOW)
    found = decide(GUARDED, TOKENS, knock(authorization=value, cookie=cookie), NOW)
    assert found is Refusal.WRONG_TOKEN


def test_a_cookie_stands_for_its_token_until_the_shift_ends() -> None:
    cookie = cookie_for(TOKENS, "desk", NOW)
    assert decide(GUARDED, TOKENS, knock(cookie=cookie), NOW) == Viewer(
        "desk", "operator", ("*",), "cookie"
    )
    later = NOW + timedelta(seconds=LASTS)
    assert decide(GUARDED, TOKENS, knock(cookie=cookie), later) is Refusal.WRONG_TOKEN
    write = knock(cookie=cookie, method="POST")
    assert decide(GUARDED, TOKENS, write, NOW) is Refusal.ELSEWHERE


def test_a_cookie_cannot_be_changed_nor_outlive_its_token() -> None:
    cookie = cookie_for(TOKENS, "oslo", NOW)
    ends = cookie.split("~")[1]
    forged = [
        cookie.replace("oslo", "desk"),
        cookie.replace(ends, str(int(ends) + 1)),
        cookie[:-1],
        "oslo~1~",
    ]
    for one in forged:
        assert decide(GUARDED, TOKENS, knock(cookie=one), NOW) is Refusal.WRONG_TOKEN
    renewed = Tokens(GUARDED.tokens, ["another-token-of-32-characters-l"] * 2)
    assert decide(GUARDED, renewed, knock(cookie=cookie), NOW) is Refusal.WRONG_TOKEN


def test_the_proxy_names_its_users_and_nobody_else_can() -> None:
    def via(user: str | None, peer: str = "10.0.0.1") -> Viewer | Refusal:
        shown = knock(peer=peer, user=user, host="tocsin.example.org", forwarded=True)
        return decide(PROXIED, NONE, shown, NOW)

    assert via("ann@ops.example.org") == Viewer("ann@ops.example.org", "operator", ("*",), "proxy")
    assert via("bo@oslo.example.org") == Viewer(
        "bo@oslo.example.org", "reader", ("north*",), "proxy"
    )
    assert via("cy@example.org") is Refusal.UNKNOWN_USER
    assert via(None) is Refusal.NO_USER
    assert via(" \u200b") is Refusal.NO_USER
    assert via("ann@ops.example.org", peer="10.0.0.9") is Refusal.NOBODY
    # On the proxy's own machine, a request without a user is nobody's, not this machine's.
    assert via(None, peer="127.0.0.1") is Refusal.NO_USER


def test_behind_a_proxy_that_rewrites_host_the_public_name_is_our_own() -> None:
    shown = {"peer": "127.0.0.1", "user": "ann@ops.example.org", "method": "POST"}
    own = knock(**shown, origin="https://tocsin.example.org")
    assert isinstance(decide(PROXIED, NONE, own, NOW), Viewer)
    other = knock(**shown, origin="https://other.example.org")
    assert decide(PROXIED, NONE, other, NOW) is Refusal.ELSEWHERE


@pytest.mark.parametrize(
    ("header", "name"),
    [("[::1]:8088", "::1"), ("LOCALHOST", "localhost"), ("a/b", None), ("[::1", None)],
)
def test_the_host_is_read_without_its_port(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_a_form_belongs_to_the_viewer_it_was_made_for() -> None:
    assert is_form_mark("desk", form_mark("desk"))
    assert not is_form_mark("oslo", form_mark("desk"))
    assert not is_form_mark("desk", "é")
