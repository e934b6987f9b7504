"""SQLite: as-of incidents, runs, forecasts, alerts and the outbox, in one file."""
