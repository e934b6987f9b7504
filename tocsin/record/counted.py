"""What a watch counts, named: its forecasts are scored by counts of the same kind only."""

from __future__ import annotations

import hashlib
import json

from core.settings import SITE, WatchSettings
from tocsin.config import Config

_COUNTING = {"feeds", "group_by", "where", "measure", "period", "precedence", "home"}


def counted_of(config: Config, watch: WatchSettings) -> str:
    """Return a name of what a watch counts: other counts say nothing of its forecasts.

    Aliases are not part of it: a name that was put right is a revision like any other.
    """
    sites = config.sites if SITE in watch.group_by else ()
    what = [
        watch.model_dump(mode="json", include=_COUNTING),
        *(site.model_dump(mode="json") for site in sites),
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
