"""`python -m charts`: a fan chart's facts as JSON on standard input, its PNG on standard output."""

from __future__ import annotations

import sys

from charts.drawing import png
from charts.fan import Fan

sys.stdout.buffer.write(png(Fan.model_validate_json(sys.stdin.buffer.read())))
