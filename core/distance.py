"""Distances on the earth, in kilometres."""

from __future__ import annotations

from math import asin, cos, degrees, pi, radians, sin, sqrt

EARTH_KM = 6371.0088
"""Mean radius R1 of the ellipsoid. Source: Moritz (2000), Geodetic Reference System 1980."""
_MARGIN = 1e-9
"""Degrees by which a box is widened, so that rounding never leaves a point out."""


def haversine_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance between two (latitude, longitude) points in degrees.

    Source: Sinnott (1984), "Virtues of the Haversine", Sky and Telescope 68(2). Right to 0.6 %,
    which is how far the earth is from a sphere.
    """
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    up = sin(radians(lat_b - lat_a) / 2) ** 2
    across = sin(radians(lon_b - lon_a) / 2) ** 2
    chord = up + cos(radians(lat_a)) * cos(radians(lat_b)) * across
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def reach(latitude: float, radius_km: float) -> tuple[float, float]:
    """Return how far a circle around a point reaches, in degrees north and in degrees east.

    Source: Chamberlain and Duquette (2007), "Some algorithms for polygons on a sphere": the
    meridians that touch the circle lie asin(sin(radius) / cos(latitude)) away. Near a pole it
    reaches all longitudes: 180.
    """
    angle = radius_km / EARTH_KM
    if radians(abs(latitude)) + angle >= pi / 2 - _MARGIN:
        return degrees(angle) + _MARGIN, 180.0
    east = asin(min(1.0, sin(angle) / cos(radians(latitude))))
    return degrees(angle) + _MARGIN, degrees(east) + _MARGIN
