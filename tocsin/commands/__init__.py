"""One module per command: from options to output. Each returns why it is degraded."""
