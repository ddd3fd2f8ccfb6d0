"""A program that prints more than anybody should read, as the task's model says."""

import json
import sys

MB = 1 << 20


def write(*texts):
    for text in texts:
        sys.stdout.write(text)
    sys.stdout.flush()


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
        sys.stderr.write("y" * (400 * MB))
    if how == "long-result":
        write(head, ',"results":{"a":"', *["z" * MB] * 200, '"}}]}}\n')
    if how == "numbers":
        write(head, ',"results":{"a":[', *["1," * (MB // 2)] * 60, '1]}}]}}\n')
    if how == "nested":
        write(head, ',"results":{"a":', *["[" * MB] * 30, *["]" * MB] * 30, '}}]}}\n')
    if how == "messages":
        write(*(f'{{"type":"log","message":"{"m" * 300}"}}\n' for _ in range(500_000)))
    if how == "results":
        late = head.replace(f'"taskId":{of}', f'"taskId":{of - 1}')
        for _ in range(20):
            write(late, ',"results":{"a":"', *["z" * MB] * 60, '"}}]}}\n')
    if how == "largest":
        write(head, ',"results":{"summary":"large","a":"', *["z" * MB] * 63, '"}}]}}\n')
        continue
    if how == "members":
        write(head, ',"results":{"summary":"many",', ",".join(f'"{n:x}":1' for n in range(1_900_000)), '}}]}}\n')
    if how == "most":
        box = '{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4],[1,4],[1,2]]]},"properties":{"annotation_type":"a"},"bbox":[1,2,3,4]}'
        write(head, ',"geojson":{"type":"FeatureCollection","features":[', ",".join([box] * 80_000), ']}}]}}\n')
        continue
    if how == "fine":
        write(head, ',"results":{"summary":"fine"}}]}}\n')
        continue
    write(json.dumps({"type": "error", "taskId": of, "message": "all was printed"}), "\n")
