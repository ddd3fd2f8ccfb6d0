"""A program that speaks the protocol by itself, and behaves as the task's model says."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import uuid


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(task, type, **message):
    say(type=type, taskId=task["taskId"], **message)


def results(task, summary):
    return {"scanResults": [{"scanId": scan["id"], "results": {"summary": summary}} for scan in task["scans"]]}


# Not its number: in sandboxes of their own, two processes have the same.
ME = str(uuid.uuid4())

say(type="ready", protocol=1, heartbeat=0.2)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] != "task":
        continue
    task = message["task"]
    how = task["model"]
    print("the model is", how, file=sys.stderr, flush=True)
    if how == "fails":
        answer(task, "error", message="no tumour bed was found")
        continue
    if how == "later" and not os.path.exists(task["settings"]["mark"]):
        open(task["settings"]["mark"], "w").close()
        answer(task, "error", message="the licence server is away", mayPass=True)
        continue
    if how == "polite":
        while not select.select([sys.stdin], [], [], 0.05)[0]:
            say(type="heartbeat")
        answer(task, "error", message=json.loads(sys.stdin.readline())["type"])
        continue
    if how == "meets":
        folder = task["settings"]["mark"]
        open(os.path.join(folder, ME), "w").close()
        while len(os.listdir(folder)) < 2:
            say(type="heartbeat")
            time.sleep(0.02)
    if how == "waits":
        while not os.path.exists(task["settings"]["mark"]):
            say(type="heartbeat")
            time.sleep(0.02)
    if how in ("leaves-workers", "hangs-with-workers"):
        # Their parent, the shell, is gone: only the group tells whose they are.
        subprocess.run(["sh", "-c", f"touch '{task['settings']['mark']}'; tail -f '{task['settings']['mark']}' >/dev/null 2>&1 &"])
        if how == "leaves-workers":
            sys.exit(3)
        time.sleep(300)
    if how == "dies":
        sys.exit(3)
    if how == "ends":
        sys.exit(0)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "silent":
        import ctypes

        ctypes.PyDLL(None).usleep(1_500_000)  # A C function that keeps the interpreter's lock.
    if how == "endless":
        while True:
            say(type="heartbeat")
            time.sleep(0.1)
    if how == "greedy":
        eaten = []
        while True:
            eaten.append(bytearray(b"x" * 20_000_000))
            say(type="heartbeat")
            time.sleep(0.02)
    if how == "rubbish":
        print("Loading weights: 100%", flush=True)
        continue
    if how == "stranger":
        say(type="dance")
        continue
    if how == "other-scan":
        answer(task, "result", results={"scanResults": [{"scanId": "12"}]})
        continue
    if how == "no-results":
        answer(task, "result")
        continue
    if how == "no-task-id":
        say(type="result", results=results(task, "whose?"))
        continue
    if how == "wrong-slot":
        say(type="tiles", id=1, scan=task["scans"][0]["id"], batch=4)
        sys.stdin.readline()  # Its layout.
        say(type="free", id=1, slot=99)
        answer(task, "result", results=results(task, "freed"))
        continue
    if how == "huge-batch":
        say(type="tiles", id=2, scan=task["scans"][0]["id"], width=16384, height=16384, batch=4096)
        told = json.loads(sys.stdin.readline())
        say(type="close", id=2)
        answer(task, "result", results=results(task, told["cause"] + ": " + told["message"]))
        continue
    if how == "surrogate":
        answer(task, "error", message="cannot open caf\udce9.svs")
        continue
    if how == "large":
        answer(task, "result", results={**results(task, "large"), "caseResults": {"filling": "y" * 40_000_000}})
        continue
    if how == "late":
        say(type="result", taskId=task["taskId"] - 1, results={"scanResults": []})
    answer(task, "result", results=results(task, ME))
    if how == "twice":
        answer(task, "result", results={"caseResults": {"of": how}, "scanResults": []})
    if how == "talks-on":
        print("That went well.", flush=True)
    if how == "late-progress":
        say(type="progress", scan=task["scans"][0]["id"], fraction=1)
