"""The API against its own OpenAPI document: whatever is asked, it answers as it says it does."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from schemathesis.specs.openapi.checks import positive_data_acceptance as ACCEPTED

from tests.tocsin.web.conftest import Site, served

# ACCEPTED is not asked for: that a cursor or an alert exists, no schema can say.
CASES = 25
"""Per operation; the same ones every time."""


def ask_everything(site: Site) -> Counter[int]:
    """Ask CASES questions of every operation, check each answer, and count them by status."""
    schema = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")
    answered: Counter[int] = Counter()
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
            headers = {"Origin": site.url}
            answer = case.call_and_validate(headers=headers, excluded_checks=[ACCEPTED])
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
