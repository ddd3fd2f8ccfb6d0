"""A classifier's life: ready, then one task after another."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from typing import Any, Callable, List, Optional

from ._channel import HEARTBEAT, Channel
from ._task import Task
from .errors import Cancelled, ClassifierError, SlideError
from .results import Results

Classify = Callable[[Task], Any]
_registered: List[Any] = []


def classifier(target: Any) -> Any:
    """Marks the function that classifies a task, or a class whose instance does: it is made once, so load the model in ``__init__``."""
    _registered.append(target)
    return target


def run(target: Optional[Any] = None, channel: Optional[Channel] = None) -> None:
    """Serves tasks until there are no more: what a program ends with that ``exec:`` starts. ``python:`` does it for you."""
    target = target or _the_registered()
    channel = channel or Channel()
    classify: Classify = target() if isinstance(target, type) else target
    channel.send({"type": "ready", "protocol": 1, "heartbeat": HEARTBEAT})
    while True:
        message = channel.next_task()
        if message is None:
            return
        channel.send(_answer(classify, channel, message))


def _answer(classify: Classify, channel: Channel, message: Any) -> Any:
    try:
        found = classify(Task(channel, message))
        if found is None:
            raise ClassifierError("the classifier returned nothing; it must return its results")
        answer = {"type": "result", "results": found.build() if isinstance(found, Results) else found}
        return _checked(answer)
    except Cancelled:
        return {"type": "error", "message": "cancelled"}
    except (ClassifierError, SlideError) as e:
        return {"type": "error", "message": str(e), "mayPass": getattr(e, "may_pass", False)}
    except Exception as e:
        traceback.print_exc()
        return {"type": "error", "message": f"{type(e).__name__}: {e}"}


def _checked(answer: Any) -> Any:
    """What cannot be written as JSON is the classifier's fault, not the channel's."""
    import json

    from ._channel import _plain

    json.dumps(answer, default=_plain, allow_nan=False)
    return answer


def load(path: str) -> Any:
    """Imports a file as a module of its own name, so that it is not taken for the main program."""
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _the_registered() -> Any:
    if len(_registered) != 1:
        raise SystemExit(f"one function or class must have @slidebridge.classifier; {len(_registered)} have")
    return _registered[0]
