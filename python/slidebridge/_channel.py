"""Lines of JSON between this process and the bridge: docs/classifiers/exec.md."""

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
from typing import Any, Deque, Dict, Optional

from .errors import Cancelled, SlideError

Message = Dict[str, Any]

#: Seconds between two signs of life, for the log of the task: the bridge ends no process for its silence.
HEARTBEAT = 5.0


def to_line(message: Message) -> bytes:
    """A message as it is sent.

    Raises TypeError and ValueError for what JSON cannot hold.
    """
    return json.dumps(message, default=_plain, allow_nan=False).encode() + b"\n"


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays, and other libraries' that have their ways; json knows none."""
    if not hasattr(value, "tolist"):
        raise TypeError(f"{type(value).__name__} cannot be written as JSON")
    return value.tolist()


class Channel:
    """Owns the process's input and output, so that nothing that prints or reads gets between the messages."""

    def __init__(self) -> None:
        self._in = os.fdopen(os.dup(0), "rb")
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # What is printed goes to the log,
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # while its task runs.
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        self._writing = threading.Lock()
        self._process = os.getpid()
        self._later: Deque[Message] = collections.deque()
        self._ids = itertools.count(1)
        self._answers: Dict[int, "queue.SimpleQueue[Optional[Message]]"] = {}
        self._tasks: "queue.SimpleQueue[Optional[Message]]" = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._at_work = False
        threading.Thread(target=self._listen, name="slidebridge-listen", daemon=True).start()
        threading.Thread(target=self._beat, name="slidebridge-heartbeat", daemon=True).start()

    def send(self, message: Message) -> None:
        """Tells the bridge something; from any thread."""
        self.send_line(to_line(message))

    def send_later(self, message: Message) -> None:
        """Tells it before what is sent next, a sign of life if nothing else: for finalizers, which may run while something is being sent."""
        self._later.append(message)

    def send_line(self, line: bytes) -> None:
        try:
            with self._writing:
                while self._later:
                    self._out.write(to_line(self._later.popleft()))
                self._out.write(line)
                self._out.flush()
        except (BrokenPipeError, ValueError):
            os._exit(1)  # The bridge is gone: nobody waits for what this process does.

    def next_task(self) -> Optional[Message]:
        """Waits for the next task; None where no more will come."""
        task = self._tasks.get()
        self._at_work = task is not None
        return task

    def end_task(self, line: bytes) -> None:
        """Says the last word to the task."""
        self._at_work = False  # Before it is said: a bridge that wants nothing else may be gone at once.
        self.send_line(line)

    def ask(self, type: str, **arguments: Any) -> "Question":
        """Asks the bridge for something that it answers in one message or in several."""
        self.check_process()
        question = Question(self, next(self._ids))
        self._answers[question.id] = question.answers
        try:
            self.check()  # After it can be told: what is cancelled now ends its waiting.
        except Cancelled:
            self.forget(question.id)
            raise
        self.send({"type": type, "id": question.id, **{k: v for k, v in arguments.items() if v is not None}})
        return question

    def forget(self, id: int) -> None:
        self._answers.pop(id, None)

    def check_process(self) -> None:
        """Raises RuntimeError in a process that the classifier forked, such as a worker of multiprocessing: answers come to the first one only."""
        if os.getpid() != self._process:
            raise RuntimeError("tiles and slides are read in the process that the bridge started, not in one that was forked from it: hand the pixels over to your workers")

    def check(self) -> None:
        """Raises Cancelled where the task was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled()

    def _listen(self) -> None:
        for line in self._in:
            message = json.loads(line)
            if message["type"] == "task":
                self._cancelled.clear()  # Here, in the order of what was sent: a cancel that follows at once is not lost.
                self._tasks.put(message["task"])
            elif message["type"] == "cancel":
                self._cancelled.set()
                for answers in list(self._answers.values()):
                    answers.put(None)
            elif message.get("id") in self._answers:
                self._answers[message["id"]].put(message)
        if self._at_work:
            os._exit(1)  # The bridge is gone.
        self._tasks.put(None)

    def _beat(self) -> None:
        while True:
            time.sleep(HEARTBEAT)
            self.send({"type": "heartbeat"})


class Question:
    """Something that was asked, until it is closed."""

    def __init__(self, channel: Channel, id: int) -> None:
        self.id = id
        self.answers: "queue.SimpleQueue[Optional[Message]]" = queue.SimpleQueue()
        self._channel = channel
        self._open = True

    def answer(self) -> Message:
        """The next answer.

        Raises SlideError where the slide cannot be read, ValueError where what was asked cannot be.
        """
        self._channel.check_process()
        message = self.answers.get()
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
        """Whether answers are still wanted."""
        return self._open

    def close(self) -> None:
        """Tells the bridge that no more is wanted."""
        if self._open:
            self._open = False
            self._channel.forget(self.id)
            self.tell("close")

    def abandon(self) -> None:
        """Closes it, from a finalizer."""
        if self._open:
            self._open = False
            self._channel.forget(self.id)
            self._channel.send_later({"type": "close", "id": self.id})
