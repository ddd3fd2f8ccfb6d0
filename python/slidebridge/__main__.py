"""``python -m slidebridge classifier FILE`` and ``python -m slidebridge devkit FILE``: the bridge starts Python classifiers with these commands."""

from __future__ import annotations

import sys

from . import _devkit, _run
from ._channel import ProcessChannel


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[1] not in ("classifier", "devkit"):
        raise SystemExit("usage: python -m slidebridge classifier|devkit FILE")
    way, path = sys.argv[1:]
    sys.argv = [path]
    channel = ProcessChannel()  # Before the file is imported: its output must not mix with the messages.
    if way == "devkit":
        _run.run(_devkit.classifier(path), channel)
    else:
        _run.load(path)
        _run.run(channel=channel)


if __name__ == "__main__":
    main()
