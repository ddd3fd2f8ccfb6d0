"""Write an image classifier for Techcyte's pathology platform in Python.

    import slidebridge

    @slidebridge.classifier
    def classify(task):
        results = slidebridge.Results()
        for scan in task.scans:
            for batch in scan.tiles(size=256, mpp=0.5, tissue=True, batch=64):
                ...  # batch.pixels: (N, 256, 256, 3) uint8 RGB; batch.x, batch.y: level-0 pixels
            results.scan(scan.id).summary("nothing found")
        return results

Run it with ``slidebridge serve --classifier python:FILE.py`` or on one slide with ``slidebridge run SLIDE --classifier python:FILE.py``.
The bridge fetches and decodes the slides, validates the returned results, and posts them.
"""

from ._run import classifier, run
from ._task import Level, Scan, SlideWarning, Stain, Task, TissueRegion
from ._tiles import Batch, Tiles
from .errors import Cancelled, ClassifierError, SlideError
from .results import Results, ScanResults
from . import reports

__version__ = "0.1.0"
__all__ = [
    "Batch", "Cancelled", "ClassifierError", "Level", "Results", "Scan", "ScanResults", "SlideError", "SlideWarning", "Stain", "Task", "Tiles",
    "TissueRegion", "classifier", "reports", "run",
]
