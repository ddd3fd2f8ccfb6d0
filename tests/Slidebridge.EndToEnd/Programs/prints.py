"""A program that prints more than anybody should read, as the task's model says; as a script, a large result of boxes."""

import json
import os
import sys

MB = 1 << 20


def write(*texts):
    for text in texts:
        sys.stdout.write(text)
    sys.stdout.flush()


def boxes(count):
    for n in range(count):
        x, y = n % 9_000 * 10, n // 9
        ring = f"[[{x},{y}],[{x + 9},{y}],[{x + 9},{y + 9}],[{x},{y + 9}],[{x},{y}]]"
        yield f'{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[{ring}]}},"properties":{{"annotation_type":"a"}},"bbox":[{x},{y},{x + 9},{y + 9}]}}'


if "SLIDEBRIDGE_RESULT" in os.environ:
    with open(os.environ["SLIDEBRIDGE_TASK"]) as file:
        scan = json.load(file)["scans"][0]["id"]
    with open(os.environ["SLIDEBRIDGE_RESULT"], "w") as file:
        file.write(f'{{"scanResults":[{{"scanId":"{scan}","geojson":{{"type":"FeatureCollection","features":[{",".join(boxes(325_000))}]}}}}]}}\n')
    sys.exit()

write('{"type":"ready","protocol":1}\n')
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] != "task":
        continue
    task = message["task"]
    how, of, scan = task["model"], task["taskId"], task["scans"][0]["id"]
    head = f'{{"type":"result","taskId":{of},"results":{{"scanResults":[{{"scanId":"{scan}"'
    if how == "line":
        write(*["x" * MB] * 250, "\n")
    if how == "errors":
        sys.stderr.write("y" * (200 * MB))
    if how == "long-result":
        write(head, ',"results":{"a":"', *["z" * MB] * 200, '"}}]}}\n')
    if how == "numbers":
        write(head, ',"results":{"a":[', *["1," * (MB // 2)] * 60, '1]}}]}}\n')
    if how == "nested":
        write(head, ',"results":{"a":', *["[" * MB] * 30, *["]" * MB] * 30, '}}]}}\n')
    if how == "messages":
        write(*(f'{{"type":"log","message":"{"m" * 300}"}}\n' for _ in range(150_000)))
    if how == "results":
        late = head.replace(f'"taskId":{of}', f'"taskId":{of - 1}')
        for _ in range(6):
            write(late, ',"results":{"a":"', *["z" * MB] * 60, '"}}]}}\n')
    if how == "largest":
        write(head, ',"results":{"summary":"large","a":"', *["z" * MB] * 63, '"}}]}}\n')
        continue
    if how == "members":
        write(head, ',"results":{"summary":"many",', ",".join(f'"{n:x}":1' for n in range(1_900_000)), '}}]}}\n')
    if how == "lists":
        write(head, ',"results":{"a":[', ",".join(["[" + "1," * 3_900_000 + "1]"] * 8), ']}}]}}\n')
        continue
    if how == "deep":
        write(head, ',"results":{"a":', *['{"b":' * (MB // 5)] * 50, '1', *["}" * (MB // 5)] * 50, '}}]}}\n')
    if how == "name":
        write(head, ',"results":{"', *["z" * MB] * 60, '":5,"summary":7}}]}}\n')
    if how == "summary":
        write(head, ',"results":{"summary":"', *["\\n" * (MB // 2)] * 60, '","external_url":5}}]}}\n')
    if how == "boxes":
        write(head, ',"geojson":{"type":"FeatureCollection","features":[', ",".join(boxes(325_000)), ']}}]}}\n')
        continue
    if how == "points":
        points = (f'{{"x":{n % 90_000},"y":{n // 90},"score":0.5,"type":"a"}}' for n in range(1_510_000))
        write(head, ',"workflow":{"model_name":"m","provider":"p","ruo":true,"report":{"type":"WholeSlideDifferential","points":[', ",".join(points), '],"scores":{"a":1},"positivity_threshold":0.5}}}]}}\n')
        continue
    if how == "fine":
        write(head, ',"results":{"summary":"fine"}}]}}\n')
        continue
    write(json.dumps({"type": "error", "taskId": of, "message": "all was printed"}), "\n")
