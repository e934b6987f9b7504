"""The outline of the world behind a map: countries, seen through a window that fits what is shown.

`countries-50m.json` is that of world-atlas 2.0.2 (ISC, see LICENSE), unchanged: the countries of
Natural Earth 4.1 at 1:50 million, which are in the public domain. Its borders are those that hold
on the ground; a map that is drawn with it has to say that they are no statement on any status.
"""

CREDIT = "Outline: Natural Earth, public domain, by way of world-atlas"
"""To be shown beside every map."""
