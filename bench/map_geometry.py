"""Draws the eleven member states for the map of the start page: `python bench/map_geometry.py countries-50m.json`.

The file comes from the npm package `world-atlas` (Natural Earth, public domain): `npm pack world-atlas@2.0.2`. It writes
`web/data/map.json`: an SVG path a state, and the place of its number. Borders are simplified arc by arc, so that neighbours
keep one common line.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "web/data/map.json"
WEST, EAST, SOUTH, NORTH = 92.0, 141.2, -11.2, 28.7
SCALE = 1000 / (EAST - WEST)
TOLERANCE = 1.5  # units of the drawing, which is 1000 wide
SMALLEST = 30.0  # square units; smaller islands are left out

STATES = {
    "096": "BN", "116": "KH", "360": "ID", "418": "LA", "458": "MY", "104": "MM",
    "608": "PH", "702": "SG", "764": "TH", "626": "TL", "704": "VN",
}  # fmt: skip
NUMBERS = {
    "BN": (113.8, 6.3), "KH": (104.9, 12.6), "ID": (102.2, -1.4), "LA": (102.4, 19.6), "MY": (102.2, 4.4), "MM": (96.1, 21.3),
    "PH": (121.0, 16.4), "SG": (105.9, 0.4), "TH": (101.0, 15.6), "TL": (127.6, -9.9), "VN": (108.2, 13.9),
}  # fmt: skip
MARKERS = {"BN": (114.7, 4.6), "SG": (103.82, 1.32), "TL": (125.8, -8.8)}
"""States too small for a finger: a circle stands for them."""

Point = tuple[float, float]


def place(longitude: float, latitude: float) -> Point:
    """Degrees to the drawing: equirectangular, which the equator bears well."""
    return (longitude - WEST) * SCALE, (NORTH - latitude) * SCALE


def arcs(topology: dict) -> list[list[Point]]:
    """The arcs, unpacked and simplified."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for packed in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in packed:
            x, y = x + dx, y + dy
            line.append(place(x * sx + tx, y * sy + ty))
        found.append(simplified(line))
    return found


def simplified(line: list[Point]) -> list[Point]:
    """Ramer, Douglas and Peucker: points that lie near the line between their neighbours go."""
    if len(line) < 3:
        return line
    (ax, ay), (bx, by) = line[0], line[-1]
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5

    def away(point: Point) -> float:
        px, py = point
        if length == 0:
            return ((px - ax) ** 2 + (py - ay) ** 2) ** 0.5
        return abs((bx - ax) * (ay - py) - (ax - px) * (by - ay)) / length

    farthest = max(range(1, len(line) - 1), key=lambda at: away(line[at]))
    if away(line[farthest]) < TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: farthest + 1])[:-1] + simplified(line[farthest:])


def ring(indexes: list[int], lines: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in indexes:
        line = lines[index] if index >= 0 else lines[~index][::-1]
        points += line[1:] if points else line
    return points


def area(points: list[Point]) -> float:
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def path(points: list[Point]) -> str:
    """A closed path of whole numbers, each step relative to the last."""
    whole = [(round(x), round(y)) for x, y in points]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole)]
    return f"M{whole[0][0]} {whole[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps if (x, y) != (0, 0)) + "z"


def states(topology: dict) -> dict[str, dict]:
    """Code -> path, place of the number, and marker."""
    lines = arcs(topology)
    found = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = STATES.get(str(shape.get("id")))
        if code is None:
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = sorted((ring(polygon[0], lines) for polygon in polygons), key=area, reverse=True)
        kept = [points for points in rings if area(points) >= SMALLEST] or rings[:1]
        found[code] = {
            "path": "".join(path(points) for points in kept),
            "number": [round(value) for value in place(*NUMBERS[code])],
            "marker": [round(value) for value in place(*MARKERS[code])] if code in MARKERS else None,
        }
    return dict(sorted(found.items()))


def main() -> None:
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    drawing = {"width": 1000, "height": round((NORTH - SOUTH) * SCALE), "states": states(topology)}
    OUTPUT.write_text(json.dumps(drawing, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes, {len(drawing['states'])} states")


if __name__ == "__main__":
    main()
