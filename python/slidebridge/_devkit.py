"""Runs an unchanged ``process_image``, once for each scan: the developer kit's ``(image_path, data)``, or the Model Hosting Service's ``(image_path)``."""

from __future__ import annotations

import copy
import http.server
import os
import socketserver
import sys
from typing import Any, Dict

from . import _hosted, _run
from ._awaiting import finished
from ._task import Scan, Task
from .errors import ClassifierError


def classifier(path: str) -> Any:
    """The classifier of a file with ``process_image``. The file's own server is not started."""
    module = _load_without_its_server(path)
    process_image: Any = getattr(module, "process_image", None)
    if not callable(process_image):
        raise SystemExit(f"{path} has no function process_image(image_path, data) or process_image(image_path)")
    takes_data = _hosted.takes_data(process_image, path)

    def classify(task: Task) -> Dict[str, Any]:
        merged: Dict[str, Any] = {"caseResults": {}, "scanResults": []}
        for scan in task.scans:
            image = scan.path()
            if takes_data:
                _merge(merged, scan, finished(process_image(image, _data_of(task, scan, image))), task, takes_data)
            else:
                beside = tuple(folder for folder in (os.path.dirname(path), os.getcwd()) if folder != os.sep)
                with _hosted.OwnFolder(beside, task.debug, f"{scan.id}-" if len(task.scans) > 1 else ""):
                    found = finished(process_image(image))
                _merge(merged, scan, found, task, takes_data)
            scan.progress(1)
        if not merged["caseResults"]:
            del merged["caseResults"]
        return merged

    return classify


def _data_of(task: Task, scan: Scan, path: str) -> Dict[str, Any]:
    """The webhook's body as if this scan were the only one, because the kit's example uses only the first. The slide's path replaces its URL."""
    data = copy.deepcopy(task.request) if task.request else {"task_id": task.task_id, "case_id": task.case_id, "company_id": task.company_id, "model_id": task.model}
    for name in ("scans", "scan_urls", "stains"):
        if isinstance(data.get(name), dict):
            data[name] = {id: value for id, value in data[name].items() if str(id) == scan.id}
    if not data.setdefault("scans", {}).get(scan.id):
        data["scans"] = {scan.id: path}
    data.setdefault("scan_urls", {scan.id: [data["scans"][scan.id]]})
    return data


def _merge(merged: Dict[str, Any], scan: Scan, found: Any, task: Task, takes_data: bool) -> None:
    if not isinstance(found, dict):
        raise ClassifierError(f"process_image returned {type(found).__name__} for scan {scan.id}; it must return an object with scanResults, or an AI workflow")
    if "scanResults" not in found and "scanId" in found:
        found = {"scanResults": [found]}
    elif "scanResults" not in found and "caseResults" not in found and (found or not takes_data):
        found = {"scanResults": [{"scanId": scan.id, "workflow": found}]}
    for name, value in (found.get("caseResults") or {}).items():
        if name in merged["caseResults"] and merged["caseResults"][name] != value:
            # The kit's example sends the values of the first scan.
            task.log(f"caseResults.{name} differs between scans; the first scan's value is kept", "warning")
        merged["caseResults"].setdefault(name, value)
    merged["scanResults"].extend(found.get("scanResults") or [])


def _load_without_its_server(path: str) -> Any:
    """Servers that the module creates at its top level do not bind a port, and end immediately when they are started."""

    def no_server(*_: Any, **__: Any) -> None:
        return None

    methods = (
        (socketserver.BaseServer, "serve_forever"), (socketserver.TCPServer, "server_bind"), (socketserver.TCPServer, "server_activate"),
        (http.server.HTTPServer, "server_bind"),  # It looks up this machine's name in the network, which may take long.
    )
    kept = [(owner, name, getattr(owner, name)) for owner, name in methods]
    for owner, name in methods:
        setattr(owner, name, no_server)
    for library, owner_name, method in (("flask", "Flask", "run"), ("uvicorn", None, "run"), ("waitress", None, "serve")):
        try:
            module = __import__(library) if library in _imports_of(path) else None
        except ImportError:
            module = None
        if module is not None:
            setattr(getattr(module, owner_name) if owner_name else module, method, no_server)
    try:
        return _run.load(path)
    finally:
        for owner, name, method_kept in kept:
            setattr(owner, name, method_kept)
        sys.stderr.flush()


def _imports_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
