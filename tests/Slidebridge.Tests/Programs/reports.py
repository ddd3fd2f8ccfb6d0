"""One report of each of the platform's types, on the first seven scans."""

import slidebridge
from slidebridge import reports
from slidebridge.results import box, feature


@slidebridge.classifier
class Reports:
    def __init__(self):
        area = feature(box(0, 0, 100, 100), "tumour")
        points = [(10, 20, 0.9, "tumour"), (30, 40, 0.1, "other")]
        self.all = [
            reports.basic({"Cells": "2"}, [reports.segment("Bed", [area], "Benign")]),
            reports.whole_slide_differential(points, {"positive": 0.5}, 0.5),
            reports.area_differential([reports.scored_region(area, 1, 0.5, points)], {"positive": 0.5}, 0.5),
            reports.semi_quantitative_differential(points, {"score": 3}),
            reports.region_counting([(1, 2, 3, 4)], [area]),
            reports.ai_mitosis_counting([(1, 2, 3, 4)], [area]),
            reports.tumor_cellularity(
                {"0.5": reports.cellularity(0.3, {"tumour": 3}, area, 10000.0, {"grade": [("low", 1.0, 10000.0)]})}, {"necrosis": [reports.segment("N", [area])]}),
        ]

    def __call__(self, task):
        results = slidebridge.Results().triage("urgent", 0.9)
        for scan, report in zip(task.scans, self.all):
            results.scan(scan.id).workflow("Seven", "Slidebridge", report, key="Type", value=report["type"]).heatmap(
                [([(0, 0), (50, 0), (50, 50)], "#ff0000")], "heat").point(5, 6, "cell").qc_fail("blurry")
        return results
