"""Incidents in: one file per source, a registry, validation and quarantine."""
