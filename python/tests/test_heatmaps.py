"""Heatmaps of grids of scores."""

import math
import random
import unittest
from typing import Any, Dict, List, Set, Tuple

import slidebridge
from slidebridge import _contours

Cells = Set[Tuple[int, int]]
PARTS = _contours.PARTS


def heat(*arguments: Any, **named: Any) -> Dict[str, Any]:
    (feature,) = slidebridge.Results().scan("1").heatmap_from(*arguments, **named).build()["geojson"]["features"]
    found: Dict[str, Any] = feature
    return found


def filled(rings: List[List[Tuple[int, int]]]) -> Cells:
    """The squares of size 1 inside rings, by the even-odd rule."""
    inside: Cells = set()
    for ring in rings:
        for (x, y), (x1, y1) in zip(ring, ring[1:] + ring[:1]):
            if x == x1:
                for row in range(min(y, y1), max(y, y1)):
                    inside ^= {(column, row) for column in range(x)}
    return inside


def widened(cells: Cells) -> Cells:
    """Square by square, the rule for corners."""
    while True:
        for x, y in sorted(cells, key=lambda cell: (cell[1], cell[0])):
            for side in (-1, 1):
                if (x + side, y + 1) in cells and (x + side, y) not in cells and (x, y + 1) not in cells:
                    cells = cells | {(x + side, y)}
                    break
            else:
                continue
            break
        else:
            return cells


class HeatmapTests(unittest.TestCase):
    def test_cells_at_or_above_a_level_are_outlined_in_level_0_pixels(self) -> None:
        found = heat([[0.2, 0.5, 0.9], [math.nan, 0.5, 0.4]], 100, 50, 10, {0.9: "#ff0000", 0.5: "#ffcc00"}, "tumour")
        self.assertEqual({
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "coordinates": [[[110, 50], [130, 50], [130, 60], [120, 60], [120, 70], [110, 70], [110, 50]]]},
                {"type": "Polygon", "coordinates": [[[120, 50], [130, 50], [130, 60], [120, 60], [120, 50]]]},
            ]}, found["geometry"])
        self.assertEqual({"annotation_type": "tumour", "contour_colors": ["#ffcc00", "#ff0000"]}, found["properties"])
        self.assertEqual([110, 50, 130, 70], found["bbox"])

    def test_a_hole_is_a_ring_in_its_polygon_and_the_largest_region_is_first(self) -> None:
        rows = ["#....", "..###", "..#.#", "..###"]
        (large, small) = heat([[float(cell == "#") for cell in row] for row in rows], 0, 0, 1, [1], "t")["geometry"]["geometries"]
        self.assertEqual([[[2, 1], [5, 1], [5, 4], [2, 4], [2, 1]], [[3, 3], [4, 3], [4, 2], [3, 2], [3, 3]]], [sorted_from(ring, large["coordinates"][0] is ring) for ring in large["coordinates"]])
        self.assertEqual([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]], small["coordinates"])

    def test_cells_that_touch_at_a_corner_are_joined_by_a_quarter_of_a_cell(self) -> None:
        (one,) = heat([[1, 0], [0, 1]], 0, 0, 4, [1], "t")["geometry"]["geometries"]
        self.assertEqual([[[0, 0], [4, 0], [4, 3], [5, 3], [5, 4], [8, 4], [8, 8], [4, 8], [4, 4], [0, 4], [0, 0]]], one["coordinates"])

    def test_regions_are_exactly_the_cells_and_no_rings_touch(self) -> None:
        chance = random.Random(5)
        for size in [(1, 1), (1, 7), (7, 1), (9, 8)] + [(6, 6)] * 40:
            scores = [[math.nan if chance.random() < 0.1 else chance.random() for _ in range(size[0])] for _ in range(size[1])]
            thresholds = [0.25, 0.5, 0.75]
            expected: Cells = set()
            for threshold, regions in reversed(list(zip(thresholds, _contours.contours(scores, thresholds)))):
                expected = widened(expected | {
                    (x * PARTS + i, y * PARTS + j)
                    for y, row in enumerate(scores) for x, score in enumerate(row) if score >= threshold for i in range(PARTS) for j in range(PARTS)})
                rings = [ring for region in regions for ring in (region.outline, *region.holes)]
                self.assertEqual(expected, filled(rings), scores)
                corners = [corner for ring in rings for corner in ring]
                self.assertEqual(len(set(corners)), len(corners), "a corner is on two rings, or twice on one")
                for region in regions:
                    inside = filled([region.outline])
                    for hole in region.holes:
                        self.assertLessEqual(filled([hole]), inside)

    def test_a_large_grid_sets_whole_cells_at_corners(self) -> None:
        scores = [[0.0] * 1100 for _ in range(1000)]
        scores[10][10] = scores[11][11] = scores[500][1099] = 1.0
        joined, alone = _contours.contours(scores, [1.0])[0]
        self.assertEqual(3 * PARTS * PARTS, len(filled([joined.outline])))
        self.assertEqual([(1099 * PARTS, 500 * PARTS), (1100 * PARTS, 500 * PARTS), (1100 * PARTS, 501 * PARTS), (1099 * PARTS, 501 * PARTS)], alone.outline)

    def test_outlines_end_at_the_slides_edge(self) -> None:
        found = heat([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 0, 0, (256, 128), [0.5], "t", slide_size=(300, 128))
        self.assertEqual([[[0, 0], [300, 0], [300, 128], [0, 128], [0, 0]]], found["geometry"]["geometries"][0]["coordinates"])
        notched = heat([[1, 1], [1, 0], [0, 1]], 0, 0, 4, [0.5], "t", slide_size=(4.5, 100))
        self.assertEqual(
            [[[0, 0], [4.5, 0], [4.5, 4], [4, 4], [4, 7], [4.12, 7], [4.12, 8], [4.5, 8], [4.5, 12], [4, 12], [4, 8], [0, 8], [0, 0]]],
            notched["geometry"]["geometries"][0]["coordinates"])

    def test_levels_without_colours_go_from_yellow_to_red(self) -> None:
        self.assertEqual(["#ffdc00", "#ff6e00", "#ff0000"], heat([[3]], 0, 0, 1, [3, 1, 2], "t")["properties"]["contour_colors"])

    def test_nothing_is_added_where_no_score_reaches_a_level(self) -> None:
        for scores in ([], [[]], [[0.1, math.nan]]):
            self.assertEqual({"scanId": "1"}, slidebridge.Results().scan("1").heatmap_from(scores, 0, 0, 1, [0.5], "t").build())

    def test_what_is_no_grid_is_an_error(self) -> None:
        found = slidebridge.Results().scan("1")
        for scores in ([1, 2], [[1, 2], [3]], [[[1]]]):
            with self.subTest(scores), self.assertRaisesRegex(ValueError, "must be a grid"):
                found.heatmap_from(scores, 0, 0, 1, [0.5], "t")
        with self.assertRaisesRegex(ValueError, "size greater than 0; they are 0, 0 and 0"):
            found.heatmap_from([[1]], 0, 0, 0, [0.5], "t")

    def test_numpys_arrays_give_the_same_as_lists(self) -> None:
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is missing")
        rows = [[0.25, 0.5], [math.nan, 1.0]]
        self.assertEqual(heat(rows, 0, 0, 8, [0.5], "t"), heat(numpy.array(rows, numpy.float32), numpy.float64(0), numpy.int64(0), numpy.float32(8), [numpy.float32(0.5)], "t"))
        self.assertEqual(heat(rows, 0, 0, 8, [0.5], "t"), heat([numpy.array(row) for row in rows], 0, 0, 8, [0.5], "t"))


def sorted_from(ring: List[List[float]], outline: bool) -> List[List[float]]:
    """A closed ring from its smallest point for an outline, from its lowest left point for a hole."""
    start = min(range(len(ring) - 1), key=lambda i: (ring[i][1] if outline else -ring[i][1], ring[i][0]))
    return ring[start:-1] + ring[: start + 1]
