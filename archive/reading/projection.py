"""From degrees to the plane of the base map: the Equal Earth projection.

Šavrič, Patterson, Jenny, "The Equal Earth map projection", International Journal of Geographical
Information Science 33(3), 2019, equations 4 to 7; d3-geo draws the base map with the same.
"""

from __future__ import annotations

import math

#: Coefficients of the published polynomial.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2
#: Units of the base map for a radian on the equator: the world is 20,000 units wide.
SCALE = 10_000 / (math.pi / (_M * _A1))
#: Mean radius of the Earth in kilometres (IUGG), to say distances in the plane.
EARTH_KM = 6371.0088
#: Kilometres that a unit of the plane stands for, roughly.
KM_PER_UNIT = EARTH_KM / SCALE

Point = tuple[float, float]


def project(latitude: float, longitude: float) -> Point:
    """The point of the plane (x to the right, y down, in units) for degrees north and east."""
    t = math.asin(_M * math.sin(math.radians(latitude)))
    t2 = t * t
    t6 = t2 * t2 * t2
    slope = _A1 + 3 * _A2 * t2 + t6 * (7 * _A3 + 9 * _A4 * t2)
    x = math.radians(longitude) * math.cos(t) / (_M * slope)
    y = t * (_A1 + _A2 * t2 + t6 * (_A3 + _A4 * t2))
    return x * SCALE, -y * SCALE


#: Half the height of the world in units.
HALF_HEIGHT = -project(90, 0)[1]


def half_width(y: float) -> float:
    """How far the plane reaches to either side of the middle at *y*: half a turn of the Earth."""
    south, north = -90.0, 90.0
    for _ in range(30):
        middle = (south + north) / 2
        south, north = (middle, north) if project(middle, 0)[1] > y else (south, middle)
    return project((south + north) / 2, 180)[0]
