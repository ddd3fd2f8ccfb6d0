"""The JSON Lines protocol between this process and the bridge: docs/classifiers/exec.md."""

from __future__ import annotations

import collections
import io
import itertools
import json
import os
import queue
import sys
import threading
import time
from typing import IO, Any, Deque, Dict, Optional

from .errors import Cancelled, SlideError

Message = Dict[str, Any]

#: Seconds between two heartbeats. They appear in the task's log; the bridge does not end a process that sends none.
HEARTBEAT = 5.0


def to_line(message: Message) -> bytes:
    """A message as JSON bytes.

    Raises TypeError or ValueError for values that JSON cannot represent.
    """
    return json.dumps(message, default=_plain, allow_nan=False).encode() + b"\n"


def _plain(value: Any) -> Any:
    """Converts numbers and arrays of numpy and similar libraries; the json module supports none of them."""
    if not hasattr(value, "tolist"):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return value.tolist()


class Channel:
    """Exchanges messages with the bridge over two streams."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._in, self._out = reader, writer
        self._writing = threading.Lock()
        self._process = os.getpid()
        self._later: Deque[Message] = collections.deque()
        self._ids = itertools.count(1)
        self._answers: Dict[int, "queue.SimpleQueue[Optional[Message]]"] = {}
        self._tasks: "queue.SimpleQueue[Optional[Message]]" = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._at_work = False
        self._listener = threading.Thread(target=self._listen, name="slidebridge-listen", daemon=True)
        self._listener.start()

    def lost(self) -> None:
        """Called by the thread that notices that the bridge has ended while there is work."""
        os._exit(1)

    def wait(self, answers: "queue.SimpleQueue[Optional[Message]]") -> Optional[Message]:
        """The next answer; None if there is none because the task was cancelled."""
        return answers.get()

    def send(self, message: Message) -> None:
        """Sends a message to the bridge; thread-safe."""
        self.send_line(to_line(message))

    def send_later(self, message: Message) -> None:
        """Queues a message that is sent before the next one, at the latest before the next heartbeat: for finalizers, which may run during a send."""
        self._later.append(message)

    def send_line(self, line: bytes) -> None:
        try:
            with self._writing:
                while self._later:
                    self._out.write(to_line(self._later.popleft()))
                self._out.write(line)
                self._out.flush()
        except (OSError, ValueError):
            self.lost()

    def next_task(self) -> Optional[Message]:
        """Waits for the next task; None if there are no more."""
        task = self._tasks.get()
        self._at_work = task is not None
        return task

    def end_task(self, line: bytes) -> None:
        """Sends the answer to the task."""
        self._at_work = False  # Before the answer is sent: a bridge that needs nothing else may end immediately.
        self.send_line(line)

    def ask(self, type: str, **arguments: Any) -> "Question":
        """Sends a request that the bridge answers with one message or several."""
        self.check_process()
        question = Question(self, next(self._ids))
        self._answers[question.id] = question.answers
        try:
            self.check()  # After the registration: a cancel that arrives now ends the wait.
        except BaseException:
            self.forget(question.id)
            raise
        self.send({"type": type, "id": question.id, **{k: v for k, v in arguments.items() if v is not None}})
        return question

    def forget(self, id: int) -> None:
        self._answers.pop(id, None)

    def check_process(self) -> None:
        """Raises RuntimeError in a process that the classifier forked, such as a worker of multiprocessing: only the first process receives answers."""
        if os.getpid() != self._process:
            raise RuntimeError("tiles and slides can be read only in the process that the bridge started, not in a forked one: pass the pixels to your workers")

    def check(self) -> None:
        """Raises Cancelled if the task was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled()

    def _listen(self) -> None:
        try:
            for line in self._in:
                if not line.endswith(b"\n"):
                    break  # The bridge ended while it wrote.
                self._take(json.loads(line))
        except OSError:
            pass  # The connection broke.
        if self._at_work:
            self.lost()
        self._tasks.put(None)

    def _take(self, message: Message) -> None:
        if message["type"] == "task":
            self._cancelled.clear()  # Here, in the order of the messages: a cancel that follows immediately is not lost.
            self._tasks.put(message["task"])
        elif message["type"] == "cancel":
            self.cancel()
        elif message.get("id") in self._answers:
            self._answers[message["id"]].put(message)

    def cancel(self) -> None:
        """Ends what waits for an answer."""
        self._cancelled.set()
        for answers in list(self._answers.values()):
            answers.put(None)


class ProcessChannel(Channel):
    """Owns the process's stdin and stdout, so that code that prints or reads does not disturb the messages."""

    def __init__(self) -> None:
        reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # Printed output goes to the log,
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # while its task runs.
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        super().__init__(reader, writer)
        threading.Thread(target=self._beat, name="slidebridge-heartbeat", daemon=True).start()

    def _beat(self) -> None:
        while True:
            time.sleep(HEARTBEAT)
            self.send({"type": "heartbeat"})


class Question:
    """An open request to the bridge, until it is closed."""

    def __init__(self, channel: Channel, id: int) -> None:
        self.id = id
        self.answers: "queue.SimpleQueue[Optional[Message]]" = queue.SimpleQueue()
        self._channel = channel
        self._open = True

    def answer(self) -> Message:
        """The next answer.

        Raises SlideError if the slide cannot be read, ValueError if the request is invalid.
        """
        self._channel.check_process()
        message = self._channel.wait(self.answers)
        self._channel.check()
        if message is None:
            raise Cancelled()
        if message["type"] == "failed":
            self.close()
            raise (ValueError if message["cause"] == "request" else SlideError)(message["message"])
        return message

    def tell(self, type: str, **arguments: Any) -> None:
        self._channel.send({"type": type, "id": self.id, **arguments})

    @property
    def is_open(self) -> bool:
        """Whether the request is still open."""
        return self._open

    def close(self) -> None:
        """Asks the bridge to stop."""
        if self._open:
            self._open = False
            self._channel.forget(self.id)
            self.tell("close")

    def abandon(self) -> None:
        """Closes the request, from a finalizer."""
        if self._open:
            self._open = False
            self._channel.forget(self.id)
            self._channel.send_later({"type": "close", "id": self.id})
