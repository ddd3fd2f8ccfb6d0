"""Runs the bench and prints a table: bench.py OUT [--bridge PROGRAM] [--budget SECONDS] [--small]. The goals are not asserted."""

import argparse
import importlib.util
import json
import os
import platform
import shlex
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out")
    arguments.add_argument("--bridge", default="slidebridge", help="the command that starts the bridge")
    arguments.add_argument("--budget", type=float, default=480, help="seconds for everything")
    arguments.add_argument("--small", action="store_true", help="small models and a small slide, as without a GPU")
    given = arguments.parse_args()
    begun = time.monotonic()
    bridge = shlex.split(given.bridge)

    import torch

    small = given.small or not torch.cuda.is_available()
    names = ("vit-small", "resnet-small") if small else ("vit-b16", "resnet50")
    batch, seconds, limit, scans, edges = (16, 1, 10, 2, (4096, 3072)) if small else (64, 4, 25, 24, (16384, 12288))
    out = os.path.abspath(given.out)
    os.makedirs(out, exist_ok=True)
    slide = os.path.join(out, "slide-1.svs")
    if not os.path.exists(slide):
        print(f"makes a slide of {edges[0]} × {edges[1]} pixels", flush=True)
        checked(bridge + ["slide", "make", slide, "--width", str(edges[0]), "--height", str(edges[1])])
    slides = [slide]
    for number in range(2, scans + 1):  # The scans of one task: the same bytes under other names.
        slides.append(os.path.join(out, f"slide-{number}.svs"))
        if not os.path.exists(slides[-1]):
            os.link(slide, slides[-1])

    found = {"machine": {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version(), "gpu": torch.cuda.is_available(), "small": small, "slide": edges}, "models": []}
    openslide = importlib.util.find_spec("openslide") is not None and importlib.util.find_spec("numpy") is not None
    if not openslide:
        found["loaderMissing"] = "openslide-python or numpy is not installed, so there is no comparison with a DataLoader"
    for name in names:
        left = given.budget - (time.monotonic() - begun)
        if left < 60:
            print(f"{name} is not measured: {left:.0f} s are left")
            break
        print(f"{name} …", flush=True)
        found["models"].append(measure(bridge, slides, name, batch, seconds, limit, out, left / (len(names) - len(found["models"])), openslide))
        with open(os.path.join(out, "gpu-bench.json"), "w") as file:
            json.dump(found, file, indent=2)
    show(found)


def measure(bridge, slides, name, batch, seconds, limit, out, budget, openslide):
    positions = os.path.join(out, f"positions-{name}")
    if os.path.exists(positions):
        os.remove(positions)
    settings = {"model": name, "batch": batch, "seconds": seconds, "limit": min(limit, budget / 5), "positions": positions}
    begun = time.monotonic()
    printed = checked(
        bridge + ["run", *slides, "--classifier", "python:" + os.path.join(HERE, "classifier.py"), "--python", sys.executable, "--program-sandbox", "off",
                  "--task-timeout", f"{int(budget)}s", "--settings", json.dumps(settings), "--out", os.path.join(out, "run"), "--json"], budget + 30)
    model = json.loads(printed)["scanResults"][0]["results"]["bench"]
    model["secondsOfTheRun"] = time.monotonic() - begun
    left = budget - model["secondsOfTheRun"]
    if openslide and left > 20:
        loader = [sys.executable, os.path.join(HERE, "loader.py"), slides[0], positions, name, str(batch), str(int(min(20, left / 2))), str(len(os.sched_getaffinity(0)))]
        try:
            model["loader"] = json.loads(checked(loader, left).strip().splitlines()[-1])
        except (subprocess.SubprocessError, ValueError, SystemExit) as e:
            model["loaderFailed"] = str(e)
    return model


def checked(command, timeout=None):
    """What a command prints; its last words on an error."""
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
    if ran.returncode:
        raise SystemExit(f"{' '.join(command[:3])} … ended with code {ran.returncode}: {ran.stderr[-2000:]}")
    return ran.stdout


def show(found):
    def number(value, form):
        return "–" if value is None else format(value, form)

    lines = [("model", "tiles from", "tiles/s", "to the bare model", "with tissue and start", "slides/min", "model busy", "nvidia-smi busy %")]
    for model in found["models"]:
        rates = model["bareTilesPerSecond"]
        bare = sum(rates) / len(rates)
        lines.append((model["model"], f"the device ({min(rates):,.0f} to {max(rates):,.0f})", f"{bare:,.0f}", "1", "", "", "", ""))
        for key, title in (("bridge", "slidebridge.torch"), ("plain", "the bridge, plain loop"), ("loader", "DataLoader, openslide")):
            loop = model.get(key)
            if loop:
                lines.append((
                    "", title, f"{loop['inLoopTilesPerSecond']:,.0f}", f"{loop['inLoopTilesPerSecond'] / bare:.3f}", f"{loop['wholeTilesPerSecond'] / bare:.3f}",
                    number(loop.get("slidesPerMinute"), ".1f"), number(loop.get("modelBusyShareInLoop"), ".3f"), number(loop.get("smiBusyPercent"), ".0f")))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    first = found["models"][0] if found["models"] else {}
    print(f"\n{first.get('device')}, {found['machine']['cores']} cores, PyTorch {first.get('torch')}, {first.get('dtype')}, batches of {first.get('batch')}")
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    for told in [found.get("loaderMissing"), *(f"DataLoader, {model['model']}: {model['loaderFailed']}" for model in found["models"] if "loaderFailed" in model)]:
        if told:
            print(told)


if __name__ == "__main__":
    main()
