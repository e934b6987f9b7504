"""Measurements quoted in docs/: each module prints figures, and ratios from one run."""
