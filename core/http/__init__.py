"""The service's one outbound HTTP client, and the bounded opening of packed files."""

from core.http.answers import Answer, RequestError, retry_after
from core.http.client import Client
from core.http.streams import Limits
from core.http.unpack import unpack

__all__ = ["Answer", "Client", "Limits", "RequestError", "retry_after", "unpack"]
