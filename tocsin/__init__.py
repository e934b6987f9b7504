"""The service: wires the rooms into one cycle, and is the command line."""

__version__ = "0.1.0"
