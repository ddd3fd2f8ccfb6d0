"""Lines of JSON between this process and the bridge: docs/classifiers/exec.md."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from typing import Any, Dict, Optional

from .errors import Cancelled, SlideError

Message = Dict[str, Any]

#: Seconds between two signs of life. The bridge ends a process that gives none for several times as long.
HEARTBEAT = 5.0


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays, which json does not know."""
    for method in ("item", "tolist"):
        if hasattr(value, method):
            try:
                return getattr(value, method)()
            except (TypeError, ValueError):
                continue
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


class Channel:
    """Owns the process's input and output, so that nothing that prints or reads gets between the messages."""

    def __init__(self) -> None:
        self._in = os.fdopen(os.dup(0), "rb")
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # What is printed goes to the log.
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        self._writing = threading.Lock()
        self._ids = 0
        self._answers: Dict[int, "queue.SimpleQueue[Optional[Message]]"] = {}
        self._tasks: "queue.SimpleQueue[Optional[Message]]" = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._at_work = False
        threading.Thread(target=self._listen, name="slidebridge-listen", daemon=True).start()
        threading.Thread(target=self._beat, name="slidebridge-heartbeat", daemon=True).start()

    def send(self, message: Message) -> None:
        """Tells the bridge something; from any thread."""
        line = json.dumps(message, default=_plain, allow_nan=False).encode() + b"\n"
        try:
            with self._writing:
                self._out.write(line)
                self._out.flush()
        except (BrokenPipeError, ValueError):
            os._exit(1)  # The bridge is gone: nobody waits for what this process does.

    def next_task(self) -> Optional[Message]:
        """Waits for the next task; None where no more will come."""
        self._at_work = False
        task = self._tasks.get()
        self._cancelled.clear()
        self._at_work = task is not None
        return task

    def ask(self, type: str, **arguments: Any) -> "Question":
        """Asks the bridge for something that it answers in one message or in several."""
        self.check()
        self._ids += 1
        question = Question(self, self._ids)
        self._answers[question.id] = question.answers
        self.send({"type": type, "id": question.id, **{k: v for k, v in arguments.items() if v is not None}})
        return question

    def forget(self, id: int) -> None:
        self._answers.pop(id, None)

    def check(self) -> None:
        """Raises Cancelled where the task was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled()

    def _listen(self) -> None:
        for line in self._in:
            message = json.loads(line)
            if message["type"] == "task":
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

    def close(self) -> None:
        """Tells the bridge that no more is wanted."""
        if self._open:
            self._open = False
            self._channel.forget(self.id)
            self.tell("close")
