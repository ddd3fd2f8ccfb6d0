"""A program that looks for what is not its own, and tells what it found as its result."""

import glob
import json
import os
import socket
import sys
import time


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def connects(address):
    try:
        socket.create_connection(address, timeout=2).close()
        return True
    except OSError:
        return False


def answers(path):
    """What a .NET process says of itself at its diagnostics socket (dotnet/diagnostics, ipc-protocol.md): its command line and more, in UTF-16."""
    with socket.socket(socket.AF_UNIX) as diagnostics:
        diagnostics.settimeout(5)
        said = b""
        try:
            diagnostics.connect(path)
            diagnostics.sendall(b"DOTNET_IPC_V1\0" + (20).to_bytes(2, "little") + bytes([4, 0, 0, 0]))
            while part := diagnostics.recv(4096):
                said += part
        except OSError:
            pass
        return said


def meet(folder, task, step):
    """Waits until two tasks are here."""
    with open(f"{folder}/{step}-{task}", "w"):
        pass
    until = time.monotonic() + 60
    while len(glob.glob(f"{folder}/{step}-*")) < 2:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def writes(path):
    try:
        with open(path, "w"):
            pass
        os.unlink(path)
        return True
    except OSError:
        return False


def look(task, line):
    found = []
    settings = task["settings"]
    secret = "".join(settings["secret"]).encode()  # In parts, so that this process does not hold it by itself.
    if any(secret in value.encode() for value in os.environ.values()):
        found.append("a secret in its own environment")
    for process in glob.glob("/proc/[0-9]*"):
        if secret in read(process + "/environ"):
            found.append("a secret in a process's environment")
        if b"Slidebridge.dll" in read(process + "/cmdline"):
            found.append("the bridge's process")
    for pid in {settings["bridge"], os.getppid()}:
        if os.access(f"/proc/{pid}/mem", os.R_OK) and b"Slidebridge.dll" in read(f"/proc/{pid}/cmdline"):
            found.append("the bridge's memory")
    for name in ("tasks.db", "tasks.db-wal", "quartz.db", "lock"):
        if os.path.exists(os.path.join(settings["data"], name)):
            found.append(name)
    if secret in read(settings["config"]):
        found.append("the bridge's settings")
    if os.path.exists(settings["tiles"]):
        found.append("another task's tiles")
    for path in glob.glob("/tmp/**/dotnet-diagnostic-*", recursive=True) + glob.glob("/proc/[0-9]*/root/tmp/dotnet-diagnostic-*"):
        if settings["data"].encode("utf-16-le") in answers(path):
            found.append("the bridge's diagnostics")
    if "://" in line or "Signature" in line:
        found.append("a URL")
    for path in glob.glob("/dev/*"):
        if os.path.exists(path) and (os.stat(path).st_mode & 0o170000) == 0o060000:
            found.append("a disk")
            break
    if os.path.exists("/var/run/docker.sock") or os.path.exists("/run/dbus/system_bus_socket"):
        found.append("a service's socket")
    if settings["network"]:
        host, port = settings["network"].split(":")
        if connects((host, int(port))):
            found.append("the network")
        if writes("/var/slidebridge-spy") or writes(os.path.expanduser("~/slidebridge-spy")):
            found.append("the disk, to write on")
        if not writes("/tmp/slidebridge-spy"):
            found.append("no folder of its own")
    return ", ".join(sorted(set(found))) or "nothing"


say(type="ready", protocol=1)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] != "task":
        continue
    task = message["task"]
    scan = task["scans"][0]["id"]
    seen = look(task, line)
    say(type="path", id=1, scan=scan)
    if len(read(json.loads(sys.stdin.readline())["path"])) < 1000:
        seen += ", and not its slide"
    say(type="thumbnail", id=2, scan=scan, maxWidth=64, maxHeight=64)
    pixels = json.loads(sys.stdin.readline())["file"]
    if len(read(pixels)) < 1000:
        seen += ", and not its pixels"
    if folder := task["settings"].get("meet"):
        if not meet(folder, task["taskId"], "pixels"):
            seen += ", and no other task"
        if others := [path for path in glob.glob("/dev/shm/**", recursive=True) if os.path.isfile(path) and path != pixels]:
            seen += f", and {len(others)} pixels of another task"
        meet(folder, task["taskId"], "looked")
    say(type="close", id=2)
    say(type="result", taskId=task["taskId"], results={"scanResults": [{"scanId": scan, "results": {"summary": seen}}]})
