"""A script that reads a task file and writes a result file."""

import json
import os
import sys

with open(os.environ["SLIDEBRIDGE_TASK"]) as file:
    task = json.load(file)
print("this goes to the log")
if task["model"] == "fails":
    sys.exit("the model file is missing")
if task["model"] == "nothing":
    sys.exit(0)
if task["model"] == "rubbish":
    with open(os.environ["SLIDEBRIDGE_RESULT"], "w") as file:
        file.write("{'scanResults'")
    sys.exit(0)
scans = [{"scanId": scan["id"], "results": {"summary": f"{scan['width']} x {scan['height']}, {os.path.getsize(scan['path'])} bytes"}} for scan in task["scans"]]
with open(os.environ["SLIDEBRIDGE_RESULT"], "w") as file:
    json.dump({"scanResults": scans}, file)
