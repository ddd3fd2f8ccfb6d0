"""Results in the platform's schema. Coordinates are level-0 pixels, x to the right and y down from the slide's top left corner.

    results = slidebridge.Results()
    results.case["mitosisCount"] = 12
    results.triage("urgent", 0.92)
    results.scan(scan.id).summary("12 mitoses").box(x, y, width, height, "mitosis").qc_pass()
    return results

The bridge checks every rule of the platform before it posts anything. An error names the path and the problem.
"""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from . import _contours

Point = Sequence[float]
Ring = Iterable[Point]
Feature = Dict[str, Any]


def feature(geometry: Dict[str, Any], annotation_type: Optional[str] = None, **properties: Any) -> Feature:
    """A GeoJSON feature with its box, which the platform stores.

    Raises ValueError for a shape that has no position, such as a heatmap without contours.
    """
    if annotation_type is not None:
        properties["annotation_type"] = annotation_type
    positions = _positions(geometry)
    if not positions:
        raise ValueError(f"the {geometry['type']} has no position")
    xs, ys = [_number(p[0]) for p in positions], [_number(p[1]) for p in positions]
    return {"type": "Feature", "geometry": geometry, "properties": properties, "bbox": [min(xs), min(ys), max(xs), max(ys)]}


def polygon(outline: Ring, holes: Iterable[Ring] = ()) -> Dict[str, Any]:
    """A GeoJSON polygon; rings that are not closed are closed automatically."""
    return {"type": "Polygon", "coordinates": [_closed(outline), *(_closed(hole) for hole in holes)]}


def box(x: float, y: float, width: float, height: float) -> Dict[str, Any]:
    """A rectangle parallel to the axes, as a GeoJSON polygon."""
    return polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


class ScanResults:
    """Builds the result of one scan. Every method returns the builder, so that calls can be chained."""

    def __init__(self, scan_id: str) -> None:
        self._scan_id = scan_id
        #: Free values of the scan. ``summary`` and ``external_url`` are texts.
        self.values: Dict[str, Any] = {}
        self._features: List[Feature] = []
        self._qc: Optional[List[str]] = None
        self._workflow: Optional[Dict[str, Any]] = None

    def summary(self, text: str) -> "ScanResults":
        """A sentence for the pathologist."""
        return self.value("summary", text)

    def external_url(self, url: str) -> "ScanResults":
        """A page with more about this result; the platform shows it as a link."""
        return self.value("external_url", url)

    def value(self, name: str, value: Any) -> "ScanResults":
        """A free value."""
        self.values[name] = value
        return self

    def box(self, x: float, y: float, width: float, height: float, annotation_type: str, **properties: Any) -> "ScanResults":
        """A box."""
        return self.add(box(x, y, width, height), annotation_type, **properties)

    def polygon(self, outline: Ring, annotation_type: str, holes: Iterable[Ring] = (), **properties: Any) -> "ScanResults":
        """An outline with holes."""
        return self.add(polygon(outline, holes), annotation_type, **properties)

    def point(self, x: float, y: float, annotation_type: str, **properties: Any) -> "ScanResults":
        """A point."""
        return self.add({"type": "Point", "coordinates": [_number(x), _number(y)]}, annotation_type, **properties)

    def heatmap(self, contours: Iterable[Tuple[Ring, str]], annotation_type: str) -> "ScanResults":
        """Outlines, each filled with its colour, such as ``#ff0000``."""
        contours = list(contours)
        geometry = {"type": "GeometryCollection", "geometries": [polygon(outline) for outline, _ in contours]}
        return self.add(geometry, annotation_type, contour_colors=[color for _, color in contours])

    def heatmap_from(
        self, scores: Any, x: float, y: float, size: Union[float, Tuple[float, float]], levels: Union[Mapping[float, str], Iterable[float]], annotation_type: str, *,
        slide_size: Optional[Tuple[float, float]] = None,
    ) -> "ScanResults":
        """A heatmap of a grid of scores: for each level, outlines of the cells with at least this score, with holes, by the same rules as the heatmaps of ONNX models.

        scores: (rows, columns); a numpy array, or a list of rows. NaN means no score: such a cell is in no outline.
        x, y: the top left corner of cell (0, 0) in level-0 pixels.
        size: the edge of a cell in level-0 pixels, or (width, height). For a grid of tiles: the tile's size minus the overlap, times ``tiles.downsample``.
        levels: a colour such as ``#ff0000`` for each lowest score, such as ``{0.5: "#ffcc00", 0.9: "#ff0000"}``; or only scores, which get colours from yellow to red.
        slide_size: (width, height) of the slide in level-0 pixels: ``(scan.width, scan.height)``. Outlines are cut at its right and lower edge, because the last tiles may reach beyond the slide. None: not cut.

        Coordinates are rounded to a hundredth of a pixel. If no score reaches a level, nothing is added.
        Raises ValueError if the scores are not a grid, the size is not positive, or a level is not a finite number.
        """
        rows = _grid(scores)
        edges = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
        if len(edges) != 2:
            raise ValueError(f"size must be one number, or (width, height); it is {size}")
        width, height = (float(edge) for edge in edges)
        if not (width > 0 and height > 0 and math.isfinite(width + height + x + y)):
            raise ValueError(f"x, y and size must be finite numbers, and size greater than 0; they are {x}, {y} and {size}")
        right, bottom = slide_size or (math.inf, math.inf)
        rows = [row[: _cells_before(right - x, width)] for row in rows[: _cells_before(bottom - y, height)]]
        colors = _colors(levels)

        xs = _edges(x, width, len(rows[0]) if rows else 0, right)
        ys = _edges(y, height, len(rows), bottom)

        def place(ring: List[_contours.Corner]) -> List[List[float]]:
            return _closed_list([[xs[column], ys[row]] for column, row in ring])

        # The lowest level first: the higher ones are drawn over it.
        geometries, contour_colors = [], []
        for regions, color in zip(_contours.contours(rows, list(colors)), colors.values()):
            for region in regions:
                geometries.append({"type": "Polygon", "coordinates": [place(ring) for ring in (region.outline, *region.holes)]})
                contour_colors.append(color)
        if geometries:
            self.add({"type": "GeometryCollection", "geometries": geometries}, annotation_type, contour_colors=contour_colors)
        return self

    def add(self, geometry: Dict[str, Any], annotation_type: str, **properties: Any) -> "ScanResults":
        """Any GeoJSON geometry."""
        self._features.append(feature(geometry, annotation_type, **properties))
        return self

    def qc_pass(self) -> "ScanResults":
        """The scan is fit for analysis."""
        self._qc = []
        return self

    def qc_fail(self, reason: str) -> "ScanResults":
        """The scan is not fit for analysis, for this reason; call it once for each."""
        self._qc = (self._qc or []) + [reason]
        return self

    def workflow(self, model_name: str, provider: str, report: Dict[str, Any], ruo: bool = True, key: Optional[str] = None, value: Optional[str] = None) -> "ScanResults":
        """A report in one of the platform's views (see ``slidebridge.reports``), with the headline's label and value. ruo: research use only."""
        self._workflow = {"model_name": model_name, "provider": provider, "ruo": ruo, "report": report}
        if key is not None:
            self._workflow["key"] = key
        if value is not None:
            self._workflow["value"] = value
        return self

    def build(self) -> Dict[str, Any]:
        """The result as it is posted."""
        built: Dict[str, Any] = {"scanId": self._scan_id}
        if self.values:
            built["results"] = self.values
        if self._features:
            built["geojson"] = {"type": "FeatureCollection", "features": self._features}
        if self._qc is not None:
            built["qcFailReasons"] = self._qc
        if self._workflow is not None:
            built["workflow"] = self._workflow
        return built


class Results:
    """The results of a task."""

    def __init__(self) -> None:
        #: Free values of the case.
        self.case: Dict[str, Any] = {}
        self._scans: Dict[str, ScanResults] = {}

    def scan(self, scan_id: str) -> ScanResults:
        """The result of a scan; the same object for every call with this id."""
        return self._scans.setdefault(scan_id, ScanResults(scan_id))

    def triage(self, category: str, score: float) -> "Results":
        """Sets the case's triage. The platform sorts its worklist by triage."""
        self.case["triage"] = {"category": category, "score": score}
        return self

    def build(self) -> Dict[str, Any]:
        """The results as they are posted."""
        built: Dict[str, Any] = {"scanResults": [scan.build() for scan in self._scans.values()]}
        if self.case:
            built["caseResults"] = self.case
        return built


def _number(value: Any) -> float:
    """Converts numpy's numbers to Python's; whole numbers become integers, which makes results shorter."""
    number = float(value)
    return int(number) if number.is_integer() else number


def _grid(scores: Any) -> List[List[float]]:
    """The scores as rows of Python's numbers."""
    try:
        rows: List[List[float]] = [list(_plain(row)) for row in _plain(scores)]
    except TypeError:
        rows = [[0], []]  # No grid.
    if any(len(row) != len(rows[0]) or (row and hasattr(row[0], "__len__")) for row in rows):
        raise ValueError("the scores must be a grid of (rows, columns) numbers, with rows of equal length")
    return rows


def _plain(value: Any) -> Any:
    """An array of numpy and similar libraries as a list; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def _cells_before(edge: float, size: float) -> Optional[int]:
    """The number of cells that begin before an edge; None if there is no edge."""
    return None if math.isinf(edge) else max(0, math.ceil((edge - 0.01) / size))  # Of a narrower cell, rounding would leave nothing.


def _colors(levels: Union[Mapping[float, str], Iterable[float]]) -> Dict[float, str]:
    """The levels with their colours, the lowest first."""
    if isinstance(levels, Mapping):
        chosen = {float(level): color for level, color in sorted(levels.items())}
        _check_levels(chosen)
        return chosen
    lowest_first = sorted({float(level) for level in levels})
    _check_levels(lowest_first)
    steps = max(1, len(lowest_first) - 1)
    return {level: f"#ff{220 - 220 * i // steps:02x}00" for i, level in enumerate(lowest_first)}


def _check_levels(levels: Iterable[float]) -> None:
    if not all(math.isfinite(level) for level in levels):
        raise ValueError(f"levels must be finite numbers; they are {list(levels)}")


def _edges(start: float, size: float, cells: int, end: float) -> List[float]:
    """The coordinates of the edges of cells, cut at an end, and of the parts of cells between them."""
    edges = [min(start + cell * size, end) for cell in range(cells + 1)]
    parts = [left + (right - left) * part / _contours.PARTS for left, right in zip(edges, edges[1:]) for part in range(_contours.PARTS)]
    return [_number(round(at, 2)) for at in parts + edges[-1:]]


def _closed(ring: Ring) -> List[List[float]]:
    return _closed_list([[_number(x), _number(y)] for x, y in ring])


def _closed_list(points: List[List[float]]) -> List[List[float]]:
    return points + [points[0]] if points and points[0] != points[-1] else points


def _positions(geometry: Dict[str, Any]) -> List[Point]:
    if geometry["type"] == "GeometryCollection":
        return [p for part in geometry["geometries"] for p in _positions(part)]
    found: List[Point] = []

    def walk(value: Any) -> None:
        if len(value) > 0 and hasattr(value[0], "__len__"):
            for inner in value:
                walk(inner)
        elif len(value) > 0:
            found.append(value)

    walk(geometry["coordinates"])
    return found
