"""What a request comes back with: an answer, or one error that says whether to try again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core.errors import TocsinError

_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer.

    Attributes:
        status: the code; post gives every code, fetch only 200 and 304.
        headers: by name, in any letter case; repeated ones joined by ", ".
        body: at most 64 kB of it; empty where it went to a sink.
        seconds: how long the request took, redirects and retries included.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class RequestError(TocsinError):
    """No answer, not a whole one, or one that `fetch` cannot use.

    Its text names scheme, host and port only: never a path, a query, a header or a password.

    Attributes:
        transient: whether the same request may succeed later with nothing changed here.
        retry_after: seconds that the server asked to wait, or None.
    """

    def __init__(
        self,
        where: str,
        problem: str,
        mend: str = "",
        *,
        transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(where, problem, mend)
        self.transient, self.retry_after = transient, retry_after


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks to wait, 0 for a date that has passed.

    Takes both forms of RFC 9110, section 10.2.3: seconds and an HTTP date. Anything else is None:
    the header comes from outside and a bad one must not stop a delivery.
    """
    text = next((v for k, v in headers.items() if k.lower() == "retry-after"), "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
