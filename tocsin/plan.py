"""The part of a configuration that decides about alerts."""

from __future__ import annotations

from alerts.ledger import Plan
from tocsin.config import Config


def plan_of(config: Config) -> Plan:
    """Return what alerts need to know of a configuration."""
    return Plan(
        watches=config.watches,
        rules=config.listed_rules,
        routes=config.routes,
        channels=config.channels,
        inhibitions=config.inhibitions,
        aliases=config.aliases,
        site=(config.web and config.web.public_url) or "",
    )
