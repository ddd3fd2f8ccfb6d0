"""The other kind of ``process_image``: that of the platform's Model Hosting Service, which takes a path and returns an AI workflow."""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
from typing import Any, Dict, Optional, Tuple

#: Bytes. Smaller files are copied, so that ``process_image`` can write a file of the same name.
SMALL = 1 << 20

#: Maximum bytes that are copied in total.
MOST_COPIED = 16 << 20


def takes_data(process_image: Any, path: str) -> bool:
    """Whether the function is the developer kit's ``process_image(image_path, data)`` rather than ``process_image(image_path)``.

    Raises SystemExit if it is neither.
    """
    try:
        signature = inspect.signature(process_image)
    except (TypeError, ValueError):
        return True  # Compiled code may not expose its parameters.
    one, two = _takes(signature, 1), _takes(signature, 2)
    if not one and not two:
        raise SystemExit(f"{path}: process_image{signature} fits neither process_image(image_path, data), which returns results, nor process_image(image_path), which returns an AI workflow")
    return two and (not one or _is_data(signature))


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
        return True
    except TypeError:
        return False


def _is_data(signature: inspect.Signature) -> bool:
    """Whether an optional second parameter is the kit's. Any other is an option of the model, and keeps its default."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    second = [p for p in signature.parameters.values() if p.kind in kinds][1:2]
    return not second or second[0].name == "data" or second[0].kind is inspect.Parameter.VAR_POSITIONAL


class OwnFolder:
    """The current folder while ``process_image`` runs, like the container's: it contains the files beside the module, and files that are written stay separate for each task.

    beside: folders whose content it contains too; on equal names, the first folder is used.
    kept: the folder for files that were written, or None.
    prefix: the prefix of their names in ``kept``.
    """

    def __init__(self, beside: Tuple[str, ...], kept: Optional[str], prefix: str) -> None:
        self._beside, self._kept, self._prefix = beside, kept, prefix
        self._copied: Dict[str, Tuple[int, int]] = {}

    def __enter__(self) -> None:
        self._before = os.getcwd()
        self._folder = tempfile.mkdtemp(prefix="work-", dir=self._kept)
        left = MOST_COPIED
        for folder in self._beside:
            for entry in os.scandir(folder):
                left -= self._show(entry, left)
        os.chdir(self._folder)

    def __exit__(self, *_: Any) -> None:
        os.chdir(self._before)
        if self._kept is not None:
            for folder, _folders, names in os.walk(self._folder):
                for name in names:
                    self._keep(os.path.join(folder, name), self._kept)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _show(self, entry: "os.DirEntry[str]", room: int) -> int:
        """Returns the number of bytes copied."""
        shown = os.path.join(self._folder, entry.name)
        if os.path.lexists(shown):
            return 0
        try:
            size = entry.stat().st_size
            if entry.is_file() and size <= min(SMALL, room):
                shutil.copy2(entry.path, shown)
                self._copied[shown] = _state(shown)
                return size
            os.symlink(entry.path, shown)
        except OSError:
            pass  # The file cannot be read or linked, or was just deleted: if process_image needs it, process_image fails.
        return 0

    def _keep(self, path: str, kept: str) -> None:
        if os.path.islink(path) or not os.path.isfile(path) or self._copied.get(path) == _state(path):
            return
        name = os.path.relpath(path, self._folder).replace(os.sep, "-")
        os.replace(path, os.path.join(kept, self._prefix + name))


def _state(path: str) -> Tuple[int, int]:
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns
