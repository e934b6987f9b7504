"""The members of the pool where nobody names any."""

MEMBERS = ("dynamic-count", "conflictology", "seasonal", "neighbours", "self-exciting")
"""The last three have a share only where past forecasts show that they earn it."""
