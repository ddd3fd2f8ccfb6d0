#!/usr/bin/env python3
"""A model server in a page: the part of the Open Inference Protocol (version 2) that a classifier needs, and a model that needs no training.

    python3 server.py [port]

For a laptop without Triton, or as a start for a server of your own around code that is not an ONNX model. Needs numpy.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy

MODEL = {
    "name": "cellularity",
    "platform": "numpy",
    "inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 3, 256, 256]}],
    "outputs": [{"name": "score", "datatype": "FP32", "shape": [-1, 1]}],
}
LARGEST = 1 << 30


def classify(image):
    """Of each tile the share of pixels that are dark and blue, as nuclei are. (N, 3, 256, 256) of 0 to 1 to (N, 1)."""
    red, green, blue = image[:, 0], image[:, 1], image[:, 2]
    nuclear = (red < 0.63) & (blue > red + 0.02) & (green < 0.5)
    return nuclear.mean(axis=(1, 2), dtype=numpy.float32)[:, None]


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.rstrip("/")
        if path in ("/v2/health/live", "/v2/health/ready", f"/v2/models/{MODEL['name']}/ready"):
            self.answer(200, {})
        elif path == "/v2":
            # With this extension tensors travel as bytes behind the JSON, not as text in it.
            self.answer(200, {"name": "server.py", "version": "1", "extensions": ["binary_tensor_data"]})
        elif path == f"/v2/models/{MODEL['name']}":
            self.answer(200, MODEL)
        else:
            self.answer(404, {"error": f"there is nothing at {path}; the model is {MODEL['name']}"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 < length <= LARGEST:
            self.close_connection = True
            return self.answer(413, {"error": f"a request of 1 to {LARGEST} bytes is expected"})
        body = self.rfile.read(length)
        if self.path.rstrip("/") != f"/v2/models/{MODEL['name']}/infer":
            return self.answer(404, {"error": f"there is nothing at {self.path}"})
        try:
            image = read_image(body, int(self.headers.get("Inference-Header-Content-Length", length)))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return self.answer(400, {"error": f"the request cannot be read: {error}"})
        score = classify(image).astype("<f4")
        output = {"name": "score", "datatype": "FP32", "shape": list(score.shape), "parameters": {"binary_data_size": score.nbytes}}
        self.answer(200, {"model_name": MODEL["name"], "outputs": [output]}, score.tobytes())

    def answer(self, status, message, tensor=b""):
        text = json.dumps(message).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if tensor else "application/json")
        self.send_header("Content-Length", str(len(text) + len(tensor)))
        if tensor:
            self.send_header("Inference-Header-Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text + tensor)

    def log_message(self, format, *values):
        if len(values) > 1 and not str(values[1]).startswith("2"):
            super().log_message(format, *values)


def read_image(body, header):
    """The request's only tensor: JSON of `header` bytes, then the numbers as they lie in memory."""
    tensor = json.loads(body[:header])["inputs"][0]
    if tensor["datatype"] != "FP32" or tensor["shape"][1:] != [3, 256, 256]:
        raise ValueError(f"the input must be FP32 of [-1, 3, 256, 256], and is {tensor['datatype']} of {tensor['shape']}")
    data = tensor.get("data")
    numbers = numpy.frombuffer(body, "<f4", offset=header) if data is None else numpy.array(data, "<f4")
    return numbers.reshape(tensor["shape"])


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Server)
    print(f"http://127.0.0.1:{server.server_port}/v2/models/{MODEL['name']}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
