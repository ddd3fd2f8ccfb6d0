"""A classifier's life: it becomes ready, then runs one task after another."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
import traceback
from typing import Any, Callable, List, Optional

from ._awaiting import finished
from ._channel import HEARTBEAT, Channel, ProcessChannel, to_line
from ._task import Task
from .errors import Cancelled, ClassifierError, SlideError
from .results import Results

Classify = Callable[[Task], Any]
_registered: List[Any] = []


def classifier(target: Any) -> Any:
    """Marks the function that classifies a task, or a class whose instance does. The class is instantiated once, so load the model in ``__init__``.

    ``__version__`` of the class or of its module is recorded with every result.
    """
    _registered.append(target)
    return target


def run(target: Optional[Any] = None, channel: Optional[Channel] = None) -> None:
    """Serves tasks until there are no more. Call it at the end of a program that ``exec:`` starts; ``python:`` calls it for you."""
    target = target or _the_registered()
    channel = channel or ProcessChannel()
    classify: Classify = target() if isinstance(target, type) else target
    version = _version_of(target)
    channel.send({"type": "ready", "protocol": 1, "heartbeat": HEARTBEAT, **({"version": version} if version else {})})
    while True:
        message = channel.next_task()
        if message is None:
            return
        channel.end_task(_answer(classify, channel, message))


def _version_of(target: Any) -> Optional[str]:
    """``__version__`` of the class, or of the classifier's module: it is recorded with every result."""
    module = sys.modules.get(getattr(target, "__module__", None) or "")
    version = getattr(target, "__version__", None) or getattr(module, "__version__", None)
    return str(version) if version else None


def _answer(classify: Classify, channel: Channel, message: Any) -> bytes:
    of = {"taskId": message["taskId"]}
    try:
        return result(finished(classify(Task(channel, message))), of)
    except Cancelled:
        return to_line({"type": "error", "message": "cancelled", **of})
    except (ClassifierError, SlideError) as e:
        return to_line({"type": "error", "message": str(e), "mayPass": getattr(e, "transient", False), **of})
    except Exception as e:
        traceback.print_exc()
        # Without numpy, tiles are not arrays.
        hint = f" (numpy is not installed for {sys.executable})" if "memoryview" in str(e) and importlib.util.find_spec("numpy") is None else ""
        return to_line({"type": "error", "message": f"{type(e).__name__}: {e}{hint}", **of})


def result(found: Any, of: Any) -> bytes:
    """The message with what a classifier returned.

    Raises ClassifierError if that cannot be written as JSON: then the classifier is wrong, not the channel.
    """
    if found is None:
        raise ClassifierError("the classifier returned nothing; it must return its results")
    results = found.build() if isinstance(found, Results) else found
    try:
        return to_line({"type": "result", "results": results, **of})
    except (TypeError, ValueError) as e:
        raise ClassifierError(f"the results cannot be written as JSON: {_first_wrong(results, '$') or e}") from e


def _first_wrong(value: Any, path: str) -> Optional[str]:
    """The path of the first value that JSON cannot represent, and what it is."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        named = ((f"{path}.{name}", inner) for name, inner in value.items())
    elif isinstance(value, (list, tuple)):
        named = ((f"{path}[{i}]", inner) for i, inner in enumerate(value))
    elif isinstance(value, float):
        return None if math.isfinite(value) else f"{path} is {value}, which JSON does not support"
    else:
        return None if value is None or isinstance(value, (str, int)) else f"{path} is a {type(value).__name__}"
    return next((found for found in (_first_wrong(inner, inside) for inside, inner in named) if found), None)


def load(path: str) -> Any:
    """Imports a file as a module with a unique name, so that its ``__main__`` block does not run."""
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as e:
        traceback.print_exc()
        raise SystemExit(f"ModuleNotFoundError: {e} for {sys.executable} (install the module there, or choose another interpreter with --python)") from e
    return module


def _the_registered() -> Any:
    if len(_registered) != 1:
        raise SystemExit(f"exactly one function or class must have @slidebridge.classifier; found {len(_registered)}")
    return _registered[0]
