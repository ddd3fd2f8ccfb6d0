"""The developer kit's function, run as it is."""

import unittest

from .bridge import Bridge


class DevKitTests(unittest.TestCase):
    def serve(self, bridge: Bridge, scans: int) -> None:
        for scan in range(scans):
            bridge.say("path", id=bridge.hear("path")["id"], path=f"/slide-{scan + 1}.svs")

    def test_it_runs_once_a_scan_and_what_it_finds_is_one_result(self) -> None:
        with Bridge("""
            from http.server import BaseHTTPRequestHandler, HTTPServer

            def process_image(image_path, data):
                (scan_id,) = data["scans"]
                assert list(data["stains"]) == [scan_id], data
                return {"caseResults": {"path": image_path, "same": 1}, "scanResults": [{"scanId": scan_id, "results": {"url": data["scans"][scan_id]}}]}

            server = HTTPServer(("", 1), BaseHTTPRequestHandler)  # Nobody but root may have this port.
            server.serve_forever()
            """, "devkit") as bridge:
            bridge.give(2, request={"task_id": "x", "scans": {"1": "https://one", "2": "https://two"}, "stains": {"1": {}, "2": {}}})
            self.serve(bridge, 2)
            self.assertIn("caseResults.path differs between scans", bridge.hear("log")["message"])
            self.assertEqual({
                "caseResults": {"path": "/slide-1.svs", "same": 1},
                "scanResults": [{"scanId": "1", "results": {"url": "https://one"}}, {"scanId": "2", "results": {"url": "https://two"}}],
            }, bridge.answer()["results"])

    def test_a_task_without_a_request_has_the_kits_fields(self) -> None:
        with Bridge("""
            def process_image(image_path, data):
                return {"scanId": next(iter(data["scans"])), "results": {"task": data["task_id"], "model": data["model_id"]}}
            """, "devkit") as bridge:
            bridge.give()
            self.serve(bridge, 1)
            self.assertEqual({"scanResults": [{"scanId": "1", "results": {"task": 1, "model": "m"}}]}, bridge.answer()["results"])

    def test_what_is_no_result_fails_the_task(self) -> None:
        with Bridge("""
            def process_image(image_path, data):
                print("forgot to return")
            """, "devkit") as bridge:
            bridge.give()
            self.serve(bridge, 1)
            self.assertEqual("process_image returned NoneType for scan 1; an object with scanResults is expected", bridge.answer()["message"])

    def test_a_file_without_the_function_says_so(self) -> None:
        with Bridge("print('hello')", "devkit") as bridge:
            with self.assertRaisesRegex(AssertionError, "has no function process_image"):
                bridge.hear()
