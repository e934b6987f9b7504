"""The track record: scores of forecasts that have come due, and what they say."""
