"""A web server in the shape of the platform's developer kit: a webhook, the slide's download, process_image, one post. Standard library and openslide-python."""

import json
import os
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import openslide

HOST = os.environ.get("HOST", "app.techcyte.com")
PORT = int(os.environ.get("PORT", "8080"))


def process_image(image_path, data):
    """Your model. image_path: the slide on this machine; data: the webhook's body."""
    scan_id = list(data["scans"].keys())[0]
    with openslide.OpenSlide(image_path) as slide:
        width, height = slide.dimensions
        glance = slide.get_thumbnail((500, 500)).convert("L")
    tissue = sum(glance.histogram()[:215]) / (glance.width * glance.height)
    return {
        "caseResults": {"tissueFraction": round(tissue, 3)},
        "scanResults": [{"scanId": scan_id, "results": {"summary": f"{tissue:.0%} of {width} x {height} pixels is tissue"}}],
    }


def process_task(data):
    url = list(data["scans"].values())[0]
    with tempfile.TemporaryDirectory() as folder:
        image_path, _ = urllib.request.urlretrieve(url, os.path.join(folder, "slide.svs"))
        body = json.dumps(process_image(image_path, data)).encode()
    request = urllib.request.Request(f"https://api.{HOST}/api/v3/external/results/{data['task_id']}", body, {
        "Authorization": f"Bearer {data['jwt_token']}", "Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        threading.Thread(target=process_task, args=(data,)).start()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"message":"Processing started"}')


if __name__ == "__main__":
    HTTPServer(("", PORT), Webhook).serve_forever()
