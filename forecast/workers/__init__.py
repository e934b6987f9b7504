"""Persistent worker processes for models that fit one series at a time and may hang or die."""
