"""A test bridge on pipes: starts a classifier like the real bridge, and exchanges messages of the protocol with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from typing import IO, Any, Dict, List, Optional

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

#: The pixels of one tile.
WIDTH, HEIGHT = 4, 2
TILE = WIDTH * HEIGHT * 3


class Bridge:
    """One program and its output. Its tiles lie in a file that both sides map."""

    def __init__(self, source: str, way: str = "classifier") -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._folder.name, "mine.py")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(source))
        self.memory: Optional[IO[bytes]] = None
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "slidebridge", way, self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            bufsize=1, env={**os.environ, "PYTHONPATH": PACKAGE})

    def __enter__(self) -> "Bridge":
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors, self.memory):
            if stream is not None:
                stream.close()
        self._folder.cleanup()

    def say(self, type: str, **message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"type": type, **message}) + "\n")

    def hear(self, *types: str) -> Dict[str, Any]:
        """The next message of one of these types; other messages before it are skipped."""
        while True:
            message = self.hear_any()
            if not types or message["type"] in types:
                return message
            if message["type"] in ("result", "error"):
                raise AssertionError(f"expected {types}, found {message}")

    def hear_any(self) -> Dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the program ended with code {self._process.wait()}: {self.printed()}")
        heard: Dict[str, Any] = json.loads(line)
        return heard

    def give(self, scans: int = 1, **task: Any) -> None:
        """Sends a task."""
        one = {"format": "aperio-svs", "width": 100, "height": 50, "mpp": {"x": 0.5, "y": 0.5}, "levels": [], "stain": {"value": "he"}}
        self.say("task", task={"taskId": 1, "model": "m", "settings": {}, "scans": [{"id": str(i + 1), **one} for i in range(scans)], **task})

    def answer(self) -> Dict[str, Any]:
        """The program's answer to its task."""
        return self.hear("result", "error")

    def lay_out(self, question: Dict[str, Any], count: int, slots: int) -> None:
        """Answers a request for tiles: their number, and the memory."""
        batch = question["batch"]
        self._pixels = os.path.join(self._folder.name, f"{question['id']}.pixels")
        with open(self._pixels, "wb") as file:
            file.write(bytes(TILE * batch * slots))
        if self.memory is not None:
            self.memory.close()
        self.memory = open(self._pixels, "r+b", buffering=0)
        self._slot_bytes, self._question = TILE * batch, question["id"]
        self.say(
            "layout", id=question["id"], file=self._pixels, slots=slots, slotBytes=self._slot_bytes, width=WIDTH, height=HEIGHT, count=count, columns=count,
            rows=1, level=0, downsample=1.0, mpp={"x": 0.5, "y": 0.5}, scaled=False)

    def hand_over(self, slot: int, tiles: List[int]) -> None:
        """A batch of tiles; the pixels of each tile have the tile's number as value."""
        assert self.memory is not None
        self.memory.seek(slot * self._slot_bytes)
        self.memory.write(b"".join(bytes([tile]) * TILE for tile in tiles))
        self.say("batch", id=self._question, slot=slot, count=len(tiles), columns=tiles, rows=[0] * len(tiles), x=[float(t * WIDTH) for t in tiles], y=[0.0] * len(tiles))

    def end(self) -> None:
        self.say("end", id=self._question)

    def serve_tiles(self, count: int, slots: int = 3) -> Optional[Dict[str, Any]]:
        """Serves one request for tiles like the real bridge: a slot is filled again after it was freed. Returns the program's answer if it arrives first."""
        question = self.hear("tiles")
        batch = question["batch"]
        self.lay_out(question, count, slots)
        free = list(range(slots))
        for first in range(0, count, batch):
            while not free:
                message = self.hear("free", "close", "result", "error")
                if message["type"] != "free":
                    return message
                free.append(message["slot"])
            self.hand_over(free.pop(0), list(range(first, min(first + batch, count))))
        self.end()
        return None

    def hang_up(self) -> int:
        """Ends the tasks. Returns the program's exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=20)

    def printed(self) -> str:
        self._errors.seek(0)
        return self._errors.read()
