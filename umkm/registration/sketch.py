"""A drawn map of the place where a business may lie: its outline where boundaries were imported, otherwise a grid.

No tiles and no other server: what is drawn comes from the reference data of this site.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marketplace.reference.models import Region

SIZE = 320
# Where the towns lie, for as long as no boundaries are imported: latitude, longitude, half the side in degrees.
CENTRES = {
    "35.73": (-7.9797, 112.6304, 0.075),
    "35.79": (-7.8710, 112.5270, 0.090),
    "35.07": (-8.1304, 112.5727, 0.350),
}
ALL_OF_THEM = (-8.05, 112.65, 0.45)
MARGIN = 1.15


@dataclass(frozen=True)
class Sketch:
    """A square window onto the earth, small enough to be flat.

    Arguments:
        outlines: SVG paths inside the square of SIZE.
        is_outline_of: the region whose boundary is drawn; empty when there is only the grid.
    """

    south: float
    north: float
    west: float
    east: float
    outlines: list[str]
    is_outline_of: str = ""

    @property
    def window(self) -> str:
        """South, west, north, east as a script reads them."""
        return f"{self.south:.6f} {self.west:.6f} {self.north:.6f} {self.east:.6f}"

    @property
    def lines(self) -> list[int]:
        """Where the grid's lines stand."""
        return list(range(0, SIZE + 1, SIZE // 8))


def sketch_of(village: Region | None) -> Sketch:
    """The map for a business in `village`: drawn around the smallest of its regions that has a boundary."""
    region = village
    while region is not None:
        if region.boundary:
            return _around(region)
        # A province says nothing about where a business stands.
        region = region.parent if region.level != Region.Level.REGENCY else None
    latitude, longitude, half = CENTRES.get(village.regency_code, ALL_OF_THEM) if village else ALL_OF_THEM
    return _window(latitude, longitude, half)


def _window(latitude: float, longitude: float, half: float) -> Sketch:
    wide = half / math.cos(math.radians(latitude))
    return Sketch(latitude - half, latitude + half, longitude - wide, longitude + wide, [])


def _around(region: Region) -> Sketch:
    rings = [ring for ring in _rings(region.boundary) if len(ring) > 2]
    latitudes = [point[1] for ring in rings for point in ring]
    longitudes = [point[0] for ring in rings for point in ring]
    if not rings:
        return _window(*ALL_OF_THEM)
    middle = (min(latitudes) + max(latitudes)) / 2
    shrink = math.cos(math.radians(middle))
    half = max(max(latitudes) - min(latitudes), (max(longitudes) - min(longitudes)) * shrink) / 2 * MARGIN
    frame = _window(middle, (min(longitudes) + max(longitudes)) / 2, max(half, 0.002))
    outlines = ["M" + "L".join(_at(frame, point) for point in ring) + "Z" for ring in rings]
    return Sketch(frame.south, frame.north, frame.west, frame.east, outlines, region.name)


def _at(frame: Sketch, point: Any) -> str:
    x = (point[0] - frame.west) / (frame.east - frame.west) * SIZE
    y = (frame.north - point[1]) / (frame.north - frame.south) * SIZE
    return f"{x:.1f} {y:.1f}"


def _rings(geometry: Any) -> Iterator[list[Any]]:
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for shape in shapes:
        yield from shape
