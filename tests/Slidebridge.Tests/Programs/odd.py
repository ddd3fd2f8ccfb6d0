"""A program that speaks the protocol by itself, and behaves as the task's model says."""

import json
import os
import select
import signal
import sys
import time


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def results(task, summary):
    return {"scanResults": [{"scanId": scan["id"], "results": {"summary": summary}} for scan in task["scans"]]}


say(type="ready", protocol=1, heartbeat=0.2)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] != "task":
        continue
    task = message["task"]
    how = task["model"]
    print("the model is", how, file=sys.stderr, flush=True)
    if how == "fails":
        say(type="error", message="no tumour bed was found")
        continue
    if how == "later" and not os.path.exists(task["settings"]["mark"]):
        open(task["settings"]["mark"], "w").close()
        say(type="error", message="the licence server is away", mayPass=True)
        continue
    if how == "polite":
        while not select.select([sys.stdin], [], [], 0.05)[0]:
            say(type="heartbeat")
        say(type="error", message=json.loads(sys.stdin.readline())["type"])
        continue
    if how == "meets":
        folder = task["settings"]["mark"]
        open(os.path.join(folder, str(os.getpid())), "w").close()
        while len(os.listdir(folder)) < 2:
            say(type="heartbeat")
            time.sleep(0.02)
    if how == "dies":
        sys.exit(3)
    if how == "ends":
        sys.exit(0)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "silent":
        time.sleep(60)
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
        say(type="result", results={"scanResults": [{"scanId": "12"}]})
        continue
    if how == "no-results":
        say(type="result")
        continue
    if how == "wrong-slot":
        say(type="tiles", id=1, scan=task["scans"][0]["id"], batch=4)
        sys.stdin.readline()  # Its layout.
        say(type="free", id=1, slot=99)
        say(type="result", results=results(task, "freed"))
        continue
    if how == "huge-batch":
        say(type="tiles", id=2, scan=task["scans"][0]["id"], width=16384, height=16384, batch=4096)
        answer = json.loads(sys.stdin.readline())
        say(type="close", id=2)
        say(type="result", results=results(task, answer["cause"] + ": " + answer["message"]))
        continue
    if how == "surrogate":
        say(type="error", message="cannot open caf\udce9.svs")
        continue
    if how == "large":
        say(type="result", results={**results(task, "large"), "caseResults": {"filling": "y" * 40_000_000}})
        continue
    if how == "late":
        say(type="result", taskId=task["taskId"] - 1, results={"scanResults": []})
    say(type="result", results=results(task, str(os.getpid())))
    if how == "twice":
        say(type="result", results={"caseResults": {"of": how}, "scanResults": []})
    if how == "talks-on":
        print("That went well.", flush=True)
    if how == "late-progress":
        say(type="progress", scan=task["scans"][0]["id"], fraction=1)
