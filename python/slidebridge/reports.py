"""The platform's seven report types, for ``ScanResults.workflow``. Coordinates are level-0 pixels."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping, Optional, Tuple

from .results import Feature

Report = Dict[str, Any]
#: x, y, score, type
ScoredPoint = Tuple[float, float, float, str]
#: x, y, width, height
Box = Tuple[float, float, float, float]


def basic(results: Mapping[str, str], segments: Iterable[Report] = ()) -> Report:
    """Named texts of the slide and of parts of it (``segment``)."""
    return {"type": "Basic", "results": [{"name": name, "result": text} for name, text in results.items()], "segments": list(segments)}


def segment(name: str, features: Iterable[Feature], result: Optional[str] = None) -> Report:
    """A part of the slide, for ``basic`` and ``tumor_cellularity``. Create features with ``slidebridge.results.feature``."""
    built: Report = {"name": name, "feature_collection": {"type": "FeatureCollection", "features": list(features)}}
    if result is not None:
        built["result"] = result
    return built


def whole_slide_differential(points: Iterable[ScoredPoint], scores: Mapping[str, float], positivity_threshold: float) -> Report:
    """Scored objects over a whole slide."""
    return {"type": "WholeSlideDifferential", "points": _points(points), "scores": dict(scores), "positivity_threshold": positivity_threshold}


def area_differential(regions: Iterable[Report], scores: Mapping[str, float], positivity_threshold: float) -> Report:
    """Scored objects in chosen areas (``scored_region``)."""
    return {"type": "AreaDifferential", "regions": list(regions), "scores": dict(scores), "positivity_threshold": positivity_threshold}


def scored_region(region: Feature, weight: float, score: float, points: Iterable[ScoredPoint]) -> Report:
    """An area, a feature of a polygon, with its objects."""
    return {"region": region, "weight": weight, "score": score, "points": _points(points)}


def semi_quantitative_differential(points: Iterable[ScoredPoint], scores: Mapping[str, float]) -> Report:
    """Scored objects and scores, without a threshold."""
    return {"type": "SemiQuantitativeDifferential", "points": _points(points), "scores": dict(scores)}


def region_counting(objects: Iterable[Box], regions: Iterable[Feature]) -> Report:
    """Counted objects in regions."""
    return {"type": "RegionCounting", "objects": _boxes(objects), "regions": list(regions)}


def ai_mitosis_counting(objects: Iterable[Box], regions: Iterable[Feature]) -> Report:
    """Counted mitoses in regions."""
    return {"type": "AiMitosisCounting", "objects": _boxes(objects), "regions": list(regions)}


def tumor_cellularity(threshold_map: Mapping[str, Report], other_segments: Optional[Mapping[str, Iterable[Report]]] = None) -> Report:
    """The share of tumour cells by threshold (``cellularity``), and further segments by group."""
    built: Report = {"type": "TumorCellularity", "threshold_map": dict(threshold_map)}
    if other_segments is not None:
        built["other_segments"] = {group: list(segments) for group, segments in other_segments.items()}
    return built


def cellularity(
    tumor_cellularity: float, counts: Mapping[str, float], region: Feature, area: float, distributions: Optional[Mapping[str, Iterable[Tuple[str, float, float]]]] = None,
) -> Report:
    """The values at one threshold: the share, cells by label, the region, its area; distributions by name contain (label, fraction, area)."""
    return {
        "tumor_cellularity": tumor_cellularity,
        "counts": [{"label": label, "count": count} for label, count in counts.items()],
        "region": region,
        "area": area,
        "distributions": None if distributions is None else {
            name: [{"label": label, "fraction": fraction, "area": part} for label, fraction, part in parts] for name, parts in distributions.items()},
    }


def _points(points: Iterable[ScoredPoint]) -> Any:
    return [{"x": x, "y": y, "score": score, "type": type} for x, y, score, type in points]


def _boxes(objects: Iterable[Box]) -> Any:
    return [{"x": x, "y": y, "width": width, "height": height} for x, y, width, height in objects]
