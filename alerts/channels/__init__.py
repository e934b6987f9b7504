"""One file per kind of channel; the kinds are listed in alerts/registry.py."""
