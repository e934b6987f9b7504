"""The API against its own OpenAPI document: whatever is asked, it answers as it says it does."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.tocsin.web.conftest import Site, served

# `positive_data_acceptance` is not asked for: that a cursor or an alert exists, no schema can say.
CASES = 25
"""Per operation; the same ones every time."""


def name_what_exists(case: schemathesis.Case, alert: str) -> None:
    """Let most questions be about something: invented names end at the first check."""
    known = {"watch": "provinces", "feed": "tracker", "alert": alert}
    for name, value in known.items():
        if name in case.path_parameters and "0" not in case.path_parameters[name]:
            case.path_parameters[name] = value


def ask_everything(site: Site) -> Counter[int]:
    """Ask CASES questions of every operation, check each answer, and count them by status."""
    schema = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")
    answered: Counter[int] = Counter()
    alert = site.get("/api/v1/alerts").json()["items"][0]["alert"]
    for result in schema.get_all_operations():

        @settings(
            max_examples=CASES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=result.ok().as_strategy())
        def ask(case: schemathesis.Case) -> None:
            name_what_exists(case, alert)
            headers = {"Origin": site.url}
            answer = case.call_and_validate(
                headers=headers, excluded_checks=[positive_data_acceptance]
            )
            answered[answer.status_code] += 1

        ask()
    return answered


def test_no_question_fails_the_service_or_breaks_its_promises(
    copied: Callable[[str], Path],
) -> None:
    with served(copied("[web]\n")) as site:
        answered = ask_everything(site)
        assert site.get("/readyz").status_code == 200
    print(f"{sum(answered.values())} questions: {dict(sorted(answered.items()))}")
    assert not [status for status in answered if status >= 500]
