"""Contours of a grid of scores, by the same rules as the heatmaps of ONNX models (``HeatMap`` and ``RegionMask`` in the bridge's sources):

1. for each threshold, the highest first, the cells with at least this score are set; cells of higher thresholds stay set;
2. where two set cells touch only at a corner, the corner is widened, so that a contour never touches itself or another one;
3. rings along the cells' edges are followed, with set cells on the right-hand side;
4. rings of one connected region become one polygon: an outline and its holes.

Everything is plain Python over bytes, so numpy is not needed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Dict, List, NamedTuple, Sequence, Set, Tuple

Corner = Tuple[int, int]

#: Corners are widened by a cell divided by this. Coordinates of rings are in these parts of a cell.
PARTS = 4

#: With more parts than this in the whole grid, a whole cell is set at the corner instead.
MOST_PARTS = 16 * 1024 * 1024


class Region(NamedTuple):
    """A connected region: rings in parts of a cell (``PARTS`` to a cell's edge), not closed: the last point connects to the first."""

    outline: List[Corner]
    holes: List[List[Corner]]


def contours(scores: Sequence[Sequence[float]], thresholds: Sequence[float]) -> List[List[Region]]:
    """For each threshold, the regions of cells with at least this score, the largest first. NaN is never in a region.

    scores: rows of equal length. thresholds: the lowest first; the regions of a higher one lie within those of a lower one.
    """
    mask = _Mask(len(scores[0]) if scores else 0, len(scores))
    found = []
    for threshold in reversed(thresholds):
        mask.add(scores, threshold)
        found.append(mask.trace())
    return found[::-1]


class _Mask:
    """Cells with a border of one clear cell on every side, so that no step needs a check of the edges. A corner has the index of the cell to its lower right."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height, self._stride = width, height, width + 2
        self._cells = bytearray(self._stride * (height + 2))
        self._fine = width * height * PARTS * PARTS <= MOST_PARTS
        #: Corners that are widened. Once widened, a corner stays so at lower thresholds.
        self._wide: Set[int] = set()

    def add(self, scores: Sequence[Sequence[float]], threshold: float) -> None:
        """Sets the cells with at least this score, and separates regions that touch at a corner."""
        for y, row in enumerate(scores):
            start = (y + 1) * self._stride + 1
            now = bytes([1 if score >= threshold else 0 for score in row])
            # Only cells that were set at a corner are not in 'now'.
            self._cells[start : start + self._width] = now if self._fine else _or(now, self._cells[start : start + self._width])
        touching = [corner for y in range(1, self._height) for corner in self._touching_below(y)]
        if self._fine:
            self._wide.update(touching)
        else:
            for corner in touching:
                self._fill(corner)

    def trace(self) -> List[Region]:
        cells, stride = self._cells, self._stride
        walked = bytearray(len(cells))
        pieces = _Pieces(cells, stride, self._height)
        outlines: Dict[int, List[Corner]] = {}
        holes: Dict[int, List[List[Corner]]] = {}
        areas: Dict[int, int] = {}
        for y in range(1, self._height + 1):
            row = y * stride
            for cell in _set(_int(cells[row : row + stride]) & ~_int(cells[row - stride : row]), row):
                if walked[cell]:
                    continue
                ring = self._walk(cell, walked)
                piece, area = pieces.of(y, cell), _twice_area(ring)
                areas[piece] = areas.get(piece, 0) + area
                if area > 0:
                    outlines[piece] = ring
                else:
                    holes.setdefault(piece, []).append(ring)
        return [Region(outlines[piece], holes.get(piece, [])) for piece in sorted(areas, key=lambda piece: -areas[piece])]

    def _walk(self, start: int, walked: bytearray) -> List[Corner]:
        """The ring with the edge above a cell, from the edge's left end."""
        cells, stride, wide = self._cells, self._stride, self._wide
        steps = (1, stride, -1, -stride)  # Right, down, left, up; adding one turns right.
        lefts, rights = (-stride, 0, -1, -stride - 1), (0, -1, -stride - 1, -stride)  # The two cells ahead, from the corner.
        ring: List[Corner] = []
        at, direction = start, 0
        while True:
            if direction == 0:
                walked[at] = 1
            at += steps[direction]
            if cells[at + lefts[direction]]:
                y, x = divmod(at, stride)
                x, y = (x - 1) * PARTS, (y - 1) * PARTS
                # The widened part lies above the corner, in the clear cell: to the right of a way down, to the left of a way up.
                if direction == 1 and at in wide:
                    ring += ((x, y - 1), (x + 1, y - 1), (x + 1, y))
                elif direction == 0 and at in wide:
                    ring += ((x - 1, y), (x - 1, y - 1), (x, y - 1))
                else:
                    ring.append((x, y))
                direction = (direction + 3) % 4
            elif not cells[at + rights[direction]]:
                y, x = divmod(at, stride)
                ring.append(((x - 1) * PARTS, (y - 1) * PARTS))
                direction = (direction + 1) % 4
            if at == start and direction == 0:
                return ring[-1:] + ring[:-1]

    def _touching_below(self, y: int) -> List[int]:
        """The corners below a row at which two set cells touch, and the other two cells are clear."""
        row, stride = y * self._stride, self._stride
        above, below = _int(self._cells[row : row + stride]), _int(self._cells[row + stride : row + 2 * stride])
        # A byte is a cell: it differs from the next cell and from the one below, and the one below differs from its next.
        return _set((above ^ above >> 8) & (above ^ below) & (below ^ below >> 8), row + stride + 1)

    def _touches(self, corner: int) -> bool:
        cells, stride = self._cells, self._stride
        return cells[corner] == cells[corner - stride - 1] != cells[corner - 1] == cells[corner - stride]

    def _fill(self, corner: int) -> None:
        """Sets the clear cell above a corner, and again where the new cell touches another at a corner."""
        stride, pending = self._stride, [corner]
        while pending:
            at = pending.pop()
            if self._touches(at):
                cell = at - stride if self._cells[at - stride - 1] else at - stride - 1
                self._cells[cell] = 1
                pending += (cell, cell + 1, cell + stride, cell + stride + 1)


class _Pieces:
    """The connected regions of a mask: runs of set cells in a row are joined with the runs above that they touch, also at a corner."""

    def __init__(self, cells: bytearray, stride: int, height: int) -> None:
        self._parents: List[int] = []
        self._starts: List[List[int]] = [[]]
        self._first: List[int] = [0]
        previous: List[Tuple[int, int]] = []
        for y in range(1, height + 1):
            runs = _runs(cells, y * stride, (y + 1) * stride)
            first, above = len(self._parents), self._first[-1]
            self._parents.extend(range(first, first + len(runs)))
            self._join(previous, above, runs, first, stride)
            self._starts.append([start for start, _ in runs])
            self._first.append(first)
            previous = runs

    def of(self, y: int, cell: int) -> int:
        """The piece of a set cell of a row."""
        return self._root(self._first[y] + bisect_right(self._starts[y], cell) - 1)

    def _join(self, above: List[Tuple[int, int]], first_above: int, below: List[Tuple[int, int]], first_below: int, stride: int) -> None:
        a = b = 0
        while a < len(above) and b < len(below):
            end_a, end_b = above[a][1] + stride, below[b][1]
            if above[a][0] + stride <= end_b and below[b][0] <= end_a:
                self._parents[self._root(first_below + b)] = self._root(first_above + a)
            if end_a <= end_b:
                a += 1
            else:
                b += 1

    def _root(self, run: int) -> int:
        parents = self._parents
        while parents[run] != run:
            parents[run] = run = parents[parents[run]]
        return run


def _runs(cells: bytearray, start: int, end: int) -> List[Tuple[int, int]]:
    """Start and end of the runs of set cells. The last cell of a row is never set."""
    runs = []
    at = cells.find(1, start, end)
    while at >= 0:
        stop = cells.find(0, at, end)
        runs.append((at, stop))
        at = cells.find(1, stop, end)
    return runs


def _set(cells: int, offset: int) -> List[int]:
    """The indices of the set cells of a row, plus an offset."""
    if not cells:
        return []
    row = cells.to_bytes((cells.bit_length() + 7) // 8, "little")
    return [offset + i for i, cell in enumerate(row) if cell]


def _int(row: bytearray) -> int:
    """A row as one number, with a byte for each cell, so that one operation works on all cells."""
    return int.from_bytes(row, "little")


def _or(a: bytes, b: bytearray) -> bytes:
    return (int.from_bytes(a, "little") | _int(b)).to_bytes(len(a), "little")


def _twice_area(ring: List[Corner]) -> int:
    """The shoelace formula; y points down, so an outline, clockwise on screen, is positive and a hole negative."""
    total = 0
    x0, y0 = ring[-1]
    for x, y in ring:
        total += x0 * y - x * y0
        x0, y0 = x, y
    return total
