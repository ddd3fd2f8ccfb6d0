"""Builders of results and reports."""

import unittest

import slidebridge
from slidebridge import reports
from slidebridge.results import box, feature, polygon


class ResultsTests(unittest.TestCase):
    def test_a_result_has_what_was_said_and_nothing_else(self) -> None:
        results = slidebridge.Results()
        results.scan("1")
        self.assertEqual({"scanResults": [{"scanId": "1"}]}, results.build())
        results.case["mitoses"] = 12
        results.triage("urgent", 0.9).scan("1").summary("s").external_url("https://x").qc_fail("blurry").qc_fail("fold")
        self.assertEqual(
            {"scanResults": [{"scanId": "1", "results": {"summary": "s", "external_url": "https://x"}, "qcFailReasons": ["blurry", "fold"]}],
             "caseResults": {"mitoses": 12, "triage": {"category": "urgent", "score": 0.9}}}, results.build())
        results.scan("1").qc_pass()
        self.assertEqual([], results.build()["scanResults"][0]["qcFailReasons"])

    def test_shapes_are_closed_and_have_their_boxes(self) -> None:
        built = slidebridge.Results().scan("1").polygon([(0, 0), (10.0, 0), (10, 5.5)], "tumour", [[(1, 1), (2, 1), (2, 2), (1, 1)]], grade=2).point(3, 4, "cell").box(
            1, 2, 3, 4, "b").build()
        triangle, point, square = built["geojson"]["features"]
        self.assertEqual({"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 5.5], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]]}, triangle["geometry"])
        self.assertEqual(([0, 0, 10, 5.5], {"grade": 2, "annotation_type": "tumour"}), (triangle["bbox"], triangle["properties"]))
        self.assertEqual([3, 4, 3, 4], point["bbox"])
        self.assertEqual([1, 2, 4, 6], square["bbox"])

    def test_a_heatmap_has_a_colour_for_each_outline(self) -> None:
        built = slidebridge.Results().scan("1").heatmap([([(0, 0), (2, 0), (2, 2)], "#ff0000"), ([(5, 5), (9, 5), (9, 9)], "#00ff00")], "heat").build()
        (heat,) = built["geojson"]["features"]
        self.assertEqual(("GeometryCollection", 2), (heat["geometry"]["type"], len(heat["geometry"]["geometries"])))
        self.assertEqual((["#ff0000", "#00ff00"], [0, 0, 9, 9]), (heat["properties"]["contour_colors"], heat["bbox"]))
        with self.assertRaisesRegex(ValueError, "the GeometryCollection has no position"):
            slidebridge.Results().scan("1").heatmap([], "heat")

    def test_any_geometry_has_its_box_and_a_third_coordinate_is_passed_over(self) -> None:
        line = {"type": "MultiLineString", "coordinates": [[(1, 9, 7), (4, 2, 7)], [(0, 3, 7), (5, 5, 7)]]}
        self.assertEqual([0, 2, 5, 9], feature(line)["bbox"])

    def test_every_report_is_of_its_type(self) -> None:
        area, points = feature(polygon([(0, 0), (1, 0), (1, 1)])), [(1.0, 2.0, 0.5, "tumour")]
        told = [{"x": 1.0, "y": 2.0, "score": 0.5, "type": "tumour"}]
        boxes = [{"x": 1, "y": 2, "width": 3, "height": 4}]
        segment = {"name": "n", "feature_collection": {"type": "FeatureCollection", "features": [area]}}
        self.assertEqual(
            {"type": "Basic", "results": [{"name": "Cells", "result": "2"}], "segments": [{**segment, "result": "r"}]}, reports.basic({"Cells": "2"}, [reports.segment("n", [area], "r")]))
        self.assertEqual({"type": "WholeSlideDifferential", "points": told, "scores": {"s": 1}, "positivity_threshold": 0.5}, reports.whole_slide_differential(points, {"s": 1}, 0.5))
        self.assertEqual(
            {"type": "AreaDifferential", "regions": [{"region": area, "weight": 1, "score": 2, "points": told}], "scores": {}, "positivity_threshold": 0.5},
            reports.area_differential([reports.scored_region(area, 1, 2, points)], {}, 0.5))
        self.assertEqual({"type": "SemiQuantitativeDifferential", "points": told, "scores": {}}, reports.semi_quantitative_differential(points, {}))
        for make, type in ((reports.region_counting, "RegionCounting"), (reports.ai_mitosis_counting, "AiMitosisCounting")):
            self.assertEqual({"type": type, "objects": boxes, "regions": [area]}, make([(1, 2, 3, 4)], [area]))
        self.assertEqual({
            "type": "TumorCellularity",
            "threshold_map": {"0.5": {
                "tumor_cellularity": 0.3, "counts": [{"label": "t", "count": 3}], "region": area, "area": 9.0,
                "distributions": {"grade": [{"label": "low", "fraction": 1.0, "area": 9.0}]}}},
            "other_segments": {"necrosis": [segment]},
        }, reports.tumor_cellularity({"0.5": reports.cellularity(0.3, {"t": 3}, area, 9.0, {"grade": [("low", 1.0, 9.0)]})}, {"necrosis": [reports.segment("n", [area])]}))

    def test_a_workflow_may_have_a_headline(self) -> None:
        built = slidebridge.Results().scan("1").workflow("M", "P", reports.basic({}), ruo=False, key="Count", value="3").build()["workflow"]
        self.assertEqual({"model_name": "M", "provider": "P", "ruo": False, "report": reports.basic({}), "key": "Count", "value": "3"}, built)
        self.assertEqual([[0, 0], [2, 0], [2, 3], [0, 3], [0, 0]], box(0, 0, 2, 3)["coordinates"][0])
