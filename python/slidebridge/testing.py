"""Tasks for unit tests: the same ``Task`` that a classifier gets, with the pixels of real slides.

    from slidebridge import testing

    def test_dark_tiles_are_counted():
        with testing.task("slide.svs") as test:
            posted = test.check(classify(test.task))
        assert posted["scanResults"][0]["results"]["summary"] == "12 dark tiles"

The program ``slidebridge`` reads the slides and checks the results. It starts for each ``with`` block, ends with it, and needs neither a platform nor a network.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Union

from . import _relay
from ._channel import Channel, Message
from ._run import result
from ._task import Task
from .errors import ClassifierError
from .results import Results

SlidePath = Union[str, "os.PathLike[str]"]

#: Seconds that a bridge gets to end by itself.
GRACE = 5.0

#: The longest path of a socket has about 100 characters; a folder for temporary files with a longer name than this is not used for it.
LONGEST_FOLDER = 60

_OWN = object()


class BridgeError(Exception):
    """The bridge is missing, did not open the slides, has ended, or did not answer in time."""


class InvalidResults(AssertionError):
    """The bridge refuses the results. The message has a line for each problem: the JSON path, the value found, and what was expected."""


class OpenTask:
    """A task whose slides are open until the end of its ``with`` block.

    task: the task, as a classifier gets it.
    results: empty results, for code that fills them. They are checked at the end of the block if there is anything in them.
    """

    def __init__(self, task: Task, bridge: "_Bridge") -> None:
        self.task = task
        self.results = Results()
        self._bridge = bridge

    def check(self, results: Any = _OWN) -> Dict[str, Any]:
        """Checks results by every rule of the bridge.

        results: what a classifier returns: ``Results`` or a dict in the platform's schema. Default: ``self.results``.
        Returns the results as they would be posted.

        Raises InvalidResults if the bridge refuses them, BridgeError if it cannot check them.
        """
        try:
            line = result(self.results if results is _OWN else results, {})
        except ClassifierError as e:
            raise InvalidResults(str(e)) from e
        found: Dict[str, Any] = json.loads(line)["results"]
        self._bridge.validate(json.dumps(found).encode(), [scan.id for scan in self.task.scans])
        return found


@contextlib.contextmanager
def task(
    slides: Union[SlidePath, Sequence[SlidePath], Mapping[str, SlidePath]], *, stains: Union[str, Mapping[str, str], None] = None,
    settings: Optional[Mapping[str, Any]] = None, model: Optional[str] = None, company: Optional[str] = None, mpp: Optional[float] = None,
    bridge: Optional[SlidePath] = None, timeout: float = 120,
) -> Iterator[OpenTask]:
    """A context manager with a real task: an ``OpenTask``.

    slides: what ``slidebridge run`` takes: a slide's file, folder or URL; or a list of them, which are the scans 1, 2, 3 …; or a dict of scan ids and slides.
    stains: the stain of all scans such as ``he``, or a dict of scan ids and stains.
    settings: ``task.settings``.
    model, company: ``task.model`` and ``task.company_id``.
    mpp: micrometres per level-0 pixel, in place of the slides' recorded value.
    bridge: the program slidebridge. Default: the environment variable SLIDEBRIDGE, then ``slidebridge`` on the PATH.
    timeout: seconds to wait for each answer of the bridge. The test itself may take any time.

    At the end of the block the bridge ends and its files are deleted, also after an exception. ``test.results`` are checked, but not after an exception.

    Raises BridgeError if there is no bridge, or it does not open the slides; InvalidResults at the end of the block.
    """
    ids = None if not isinstance(slides, Mapping) else [str(id) for id in slides]
    wrong = [id for id in ids or [] if not id.isdecimal()]
    if wrong:
        raise ValueError(f"scan ids are numbers, as on the platform; {wrong[0]!r} is not")
    if not 0 < timeout < 86400:
        raise ValueError(f"timeout must be more than 0 and less than 86400 seconds; it is {timeout}")
    named = list(slides.values()) if isinstance(slides, Mapping) else [slides] if isinstance(slides, (str, os.PathLike)) else list(slides)
    options = [*_stains(stains, ids), *_option("--model", model), *_option("--company", company), *_option("--mpp", mpp)]
    if settings is not None:
        options += _option("--settings", json.dumps(dict(settings)))
    with _Bridge(_program(bridge), timeout) as started:
        message = started.open([_place(os.fspath(slide)) for slide in named], options, ids)
        test = OpenTask(Task(started.channel, message), started)
        yield test
        if test.results.build() != Results().build():
            test.check()


def _place(slide: str) -> str:
    """A slide's URL, or its absolute path, which cannot be mistaken for an option."""
    return slide if "://" in slide else os.path.abspath(slide)


class _Bridge:
    """The bridge's process, and the folder for everything that it writes."""

    def __init__(self, program: List[str], timeout: float) -> None:
        self._program, self._timeout = program, timeout
        self._process: Optional["subprocess.Popen[bytes]"] = None
        self.channel: _TestChannel

    def __enter__(self) -> "_Bridge":
        with contextlib.ExitStack() as stack:
            self._folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="slidebridge-", dir=None if len(tempfile.gettempdir()) <= LONGEST_FOLDER else "/tmp"))
            self._errors = stack.enter_context(open(os.path.join(self._folder, "errors"), "w+b"))
            self._socket = stack.enter_context(socket.socket(socket.AF_UNIX))
            self._cleanup = stack.pop_all()
        return self

    def __exit__(self, *_: Any) -> None:
        with self._cleanup:
            if self._process is not None:
                self._end(self._process)

    def open(self, slides: List[str], options: List[str], ids: Optional[List[str]]) -> Message:
        """Opens the slides and returns the task."""
        address = os.path.join(self._folder, "test")
        self._socket.bind(address)
        self._socket.listen(1)
        relay = " ".join(shlex.quote(word) for word in (sys.executable, "-I", "-S", os.path.abspath(_relay.__file__), address))
        # The relay is this package's own program: a sandbox could hide the socket from it.
        self._process = subprocess.Popen(
            [*self._program, "run", *slides, *options, "--classifier", f"exec:{relay}", "--program-sandbox", "off", "--task-timeout", "forever", "--out", os.path.join(self._folder, "out")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._errors, start_new_session=True, env={**os.environ, "TMPDIR": self._folder})
        self.channel = _TestChannel(self._accepted(), self, self._timeout)
        return self.channel.begin(ids)

    def validate(self, results: bytes, ids: List[str]) -> None:
        scans = [word for id in ids for word in ("--scan", id)]
        try:
            checked = subprocess.run([*self._program, "validate", "-", *scans], input=results, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            raise BridgeError(f"the bridge did not check the results within {self._timeout:g} seconds (timeout=)") from None
        if checked.returncode == 1 and checked.stdout:
            raise InvalidResults("the bridge refuses the results:\n" + checked.stdout.decode(errors="replace").rstrip())
        if checked.returncode != 0:
            raise BridgeError(f"the bridge did not check the results: {_last(checked.stderr)}")

    def why(self) -> str:
        """Why the bridge does not answer."""
        assert self._process is not None
        try:
            code = self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return "the bridge stopped the task or does not read its messages"
        if code < 0:
            return f"the bridge was ended by signal {-code}"
        self._errors.seek(0)
        return f"the bridge ended with code {code}: {_last(self._errors.read())}"

    def _accepted(self) -> socket.socket:
        """The relay's connection."""
        assert self._process is not None
        self._socket.settimeout(0.1)
        end = time.monotonic() + self._timeout
        while True:
            try:
                connection, _ = self._socket.accept()
                connection.settimeout(None)
                return connection
            except socket.timeout:
                if self._process.poll() is not None:
                    raise BridgeError(self.why()) from None
                if time.monotonic() > end:
                    raise BridgeError(f"the bridge did not open the slides within {self._timeout:g} seconds (timeout=)") from None

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Ends the bridge: by the end of the task, so that it deletes its files; if that does not help, by signals."""
        has_task = hasattr(self, "channel")
        if has_task:
            self.channel.end()
            _wait(process)
        for kill in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, kill)
                _wait(process)
        if has_task:
            self.channel.close()


class _TestChannel(Channel):
    """The channel of a task in this process. It gives the scans their own ids, and raises BridgeError where a classifier's process would wait or end."""

    def __init__(self, connection: socket.socket, bridge: _Bridge, timeout: float) -> None:
        self._connection, self._bridge, self._timeout = connection, bridge, timeout
        self._numbers: Dict[str, str] = {}
        self._over = False
        # Only for sending: how long the test waits for an answer is up to wait().
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", math.ceil(timeout), 0))
        super().__init__(connection.makefile("rb"), connection.makefile("wb"))

    def begin(self, ids: Optional[List[str]]) -> Message:
        """Says that a classifier is ready, and returns the task."""
        self.send({"type": "ready", "protocol": 1})
        try:
            task = self._tasks.get(timeout=self._timeout)
        except queue.Empty:
            raise BridgeError(f"the bridge did not give the task within {self._timeout:g} seconds (timeout=)") from None
        if task is None:
            raise BridgeError(self._bridge.why())
        self._at_work = True
        self._task: int = task["taskId"]
        if ids is not None:
            if len(ids) != len(task["scans"]):
                raise BridgeError(f"slides has {len(ids)} scan ids, but the bridge found {len(task['scans'])} slides: name each slide, not its folder")
            for id, scan in zip(ids, task["scans"]):
                self._numbers[id], scan["id"] = scan["id"], id
        return task

    def send(self, message: Message) -> None:
        super().send({**message, "scan": self._numbers.get(message["scan"], message["scan"])} if "scan" in message else message)

    def wait(self, answers: "queue.SimpleQueue[Optional[Message]]") -> Optional[Message]:
        try:
            return answers.get(timeout=self._timeout)
        except queue.Empty:
            raise BridgeError(f"the bridge did not answer within {self._timeout:g} seconds (timeout=)") from None

    def check(self) -> None:
        if self._over:
            raise BridgeError("the task has ended with its 'with' block: its slides are closed")
        if self._cancelled.is_set():
            raise BridgeError(self._bridge.why())

    def lost(self) -> None:
        self.cancel()

    def end(self) -> None:
        """Ends the task, and with it the bridge."""
        self._over, self._at_work = True, False
        if hasattr(self, "_task"):
            self.send({"type": "error", "taskId": self._task, "message": "the test has ended"})
        else:
            self._disconnect()

    def _disconnect(self) -> None:
        with contextlib.suppress(OSError):  # The other side has done it.
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._disconnect()
        self._listener.join()
        for close in (self._in.close, self._out.close, self._connection.close):
            with contextlib.suppress(OSError):  # Something could not be sent.
                close()


def _program(bridge: Optional[SlidePath]) -> List[str]:
    """The command that starts the bridge."""
    if not hasattr(socket, "AF_UNIX"):
        raise BridgeError("slidebridge.testing needs Linux or macOS")
    by, named = ("bridge=", os.fspath(bridge)) if bridge else ("the environment variable SLIDEBRIDGE", os.environ.get("SLIDEBRIDGE"))
    if named and named.endswith(".dll") and os.path.isfile(named):
        return ["dotnet", named]
    found = shutil.which(named or "slidebridge")
    if found is None:
        raise BridgeError(
            f"{by} names {named}, which is not a program" if named else
            "the program slidebridge is not on the PATH: name it with the environment variable SLIDEBRIDGE or with bridge=")
    return [os.path.abspath(found)]


def _wait(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)


def _stains(stains: Union[str, Mapping[str, str], None], ids: Optional[List[str]]) -> List[str]:
    if not isinstance(stains, Mapping):
        return _option("--stain", stains)
    options = []
    for id, stain in stains.items():
        if ids is not None and str(id) not in ids:
            raise ValueError(f"stains names the scan {id}; the scans are {', '.join(ids)}")
        options += _option("--stain", f"{id if ids is None else ids.index(str(id)) + 1}={stain}")
    return options


def _option(name: str, value: Any) -> List[str]:
    return [] if value is None else [name, str(value)]


def _last(errors: bytes) -> str:
    """The bridge's last sentence."""
    lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
    told = [line[len("slidebridge: ") :] for line in lines if line.startswith("slidebridge: ")] or lines or ["it printed nothing"]
    return told[-1]
