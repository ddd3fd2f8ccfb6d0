"""An AI request of the platform: the scans of one case."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from . import _pixels
from ._channel import Channel, Message
from ._tiles import Tiles

Point = Tuple[float, float]


class Stain(NamedTuple):
    """A scan's stain as the platform names it: its value such as ``he``, the laboratory's code or None, the displayed name or None."""

    value: str
    code: Optional[str] = None
    label: Optional[str] = None


class Level(NamedTuple):
    """A level of the pyramid: its size in pixels, level-0 pixels per pixel, and the size of its stored tiles."""

    width: int
    height: int
    downsample: float
    tile_width: int
    tile_height: int


class SlideWarning(NamedTuple):
    """Something that was repaired, skipped or doubtful: a stable name such as ``tiles-filled``, and a sentence."""

    code: str
    message: str


class TissueRegion(NamedTuple):
    """One connected piece of tissue in level-0 pixels: closed rings (the first point is also the last), and the area without holes."""

    outline: List[Point]
    holes: List[List[Point]]
    area: float


class Scan:
    """One scan of a task. All coordinates are level-0 pixels unless said otherwise."""

    def __init__(self, channel: Channel, message: Message) -> None:
        self._channel = channel
        self.id: str = message["id"]
        stain = message.get("stain")
        self.stain: Optional[Stain] = Stain(stain["value"], stain.get("code"), stain.get("label")) if stain else None
        #: ``aperio-svs``, ``generic-tiff``, ``dicom-wsi`` …
        self.format: str = message["format"]
        self.width: int = message["width"]
        self.height: int = message["height"]
        mpp = message.get("mpp")
        #: Micrometres per level-0 pixel (x, y), or None if the slide does not state it.
        self.mpp: Optional[Point] = (mpp["x"], mpp["y"]) if mpp else None
        self.objective_power: Optional[float] = message.get("objectivePower")
        self.levels: List[Level] = [Level(l["width"], l["height"], l["downsample"], l["tileWidth"], l["tileHeight"]) for l in message["levels"]]

    def tiles(
        self, size: int = 256, mpp: Optional[float] = None, tissue: Any = False, batch: int = 64, *, level: Optional[int] = None,
        downsample: Optional[float] = None, overlap: int = 0, height: Optional[int] = None, within: Optional[Tuple[int, int, int, int]] = None,
        edges: str = "pad", in_order: bool = False, progress: bool = True, allow_upsampling: bool = False,
    ) -> Tiles:
        """The scan as batches of tiles. The bridge decodes the next batches in advance.

        size: the tile's width in its own pixels; also its height unless ``height`` is given.
        mpp, downsample, level: the resolution; set at most one; default: level 0. Tiles are scaled from the next larger level.
        tissue: True for tiles with at least 5 % tissue, a number from 0 to 1 for another share, False for all.
        batch: number of tiles per batch; the last batch may have fewer.
        overlap: pixels that neighbouring tiles share.
        within: (x, y, width, height) in level-0 pixels; None for the whole slide.
        edges: "pad" fills the part outside with background, "skip" leaves such tiles out.
        in_order: True for row by row; False for the order that is fastest to read.
        progress: report to the bridge how far the scan is.
        allow_upsampling: allow more than twice the slide's detail; otherwise that is an error.

        Raises ValueError for invalid arguments, SlideError if the slide cannot be read.
        """
        question = self._channel.ask(
            "tiles", scan=self.id, width=size, height=height or size, mpp=mpp, downsample=downsample, level=level, tissue=tissue or None, batch=batch,
            overlap=overlap, within=dict(zip(("x", "y", "width", "height"), within)) if within else None, edges=edges, inOrder=in_order,
            allowUpsampling=allow_upsampling or None)
        return Tiles(question, self.progress if progress else None)

    def region(self, x: int, y: int, width: int, height: int, level: int = 0) -> Any:
        """A rectangle as (height, width, 3) uint8 RGB. x, y: level-0 pixels; width, height: pixels of the level."""
        return self._pixels("region", level=level, x=x, y=y, width=width, height=height)

    def thumbnail(self, max_width: int = 1024, max_height: int = 1024) -> Any:
        """A small picture of the slide as (height, width, 3) uint8 RGB, at most of the given size."""
        return self._pixels("thumbnail", maxWidth=max_width, maxHeight=max_height)

    def tissue(self) -> List[TissueRegion]:
        """The pieces of tissue, the largest first."""
        question = self._channel.ask("tissue", scan=self.id)
        message = question.answer()
        question.close()
        return [TissueRegion(_ring(r["outline"]), [_ring(h) for h in r["holes"]], r["area"]) for r in message["regions"]]

    @property
    def warnings(self) -> List[SlideWarning]:
        """What was repaired, skipped or doubtful so far in the slide. The list grows while the slide is read. It never contains patient data."""
        question = self._channel.ask("warnings", scan=self.id)
        message = question.answer()
        question.close()
        return [SlideWarning(w["code"], w["message"]) for w in message["warnings"]]

    def path(self) -> str:
        """The whole slide on this machine, for code that opens slides itself: a file, or a folder for a DICOM series.

        A remote slide is copied first. ``tiles`` is faster, because it fetches only the parts that are read. The copy exists until the task ends.
        """
        question = self._channel.ask("path", scan=self.id)
        path: str = question.answer()["path"]
        question.close()
        return path

    def progress(self, fraction: float) -> None:
        """Reports how far this scan is, 0 to 1."""
        self._channel.check()
        self._channel.send({"type": "progress", "scan": self.id, "fraction": fraction})

    def _pixels(self, type: str, **arguments: Any) -> Any:
        question = self._channel.ask(type, scan=self.id, **arguments)
        message = question.answer()
        mapped = _pixels.map_file(message["file"])
        question.close()
        shape = (message["height"], message["width"], 3)
        return _pixels.array(_pixels.window(mapped, 0, shape[0] * shape[1] * 3), shape)


class Task:
    """A task: ids, the platform's model, the scans in the platform's order, and the settings for this classifier in the bridge's configuration."""

    def __init__(self, channel: Channel, message: Message) -> None:
        self._channel = channel
        self.task_id: int = message["taskId"]
        self.case_id: Optional[int] = message.get("caseId")
        self.company_id: Optional[str] = message.get("companyId")
        #: The model that is configured on the platform (model_id or model_name), or None.
        self.model: Optional[str] = message.get("model")
        #: ``settings`` of slidebridge.json.
        self.settings: Dict[str, Any] = message.get("settings") or {}
        #: The platform's request as received, without tokens, or None.
        self.request: Optional[Dict[str, Any]] = message.get("request")
        #: A folder for files that help to understand the result, or None. ``job`` and ``run`` keep the files directly in it, at most 100 files and 64 MiB in total; otherwise they are deleted with the task.
        self.debug: Optional[str] = message.get("debug")
        self.scans: List[Scan] = [Scan(channel, scan) for scan in message["scans"]]

    def log(self, message: str, level: str = "info") -> None:
        """Writes a line to the bridge's log: debug, info, warning or error. Do not write patient data. Printed output is kept only with the task."""
        self._channel.send({"type": "log", "level": level, "message": message})


def _ring(points: Any) -> List[Point]:
    return [(x, y) for x, y in points]
