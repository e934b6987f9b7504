"""Where known dates come from: one file per source."""
