"""The web side of the service: who may see what, the JSON API, metrics, health, and pages."""
