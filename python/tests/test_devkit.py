"""Tests of the developer kit's unchanged function."""

import os
import tempfile
import unittest

from .bridge import Bridge

WORKFLOW = '{"model_name": "m", "provider": "p", "ruo": True, "report": {"type": "Basic", "results": [], "segments": []}}'


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

            server = HTTPServer(("", 1), BaseHTTPRequestHandler)  # Only root may bind this port.
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
            self.assertEqual("process_image returned NoneType for scan 1; it must return an object with scanResults, or an AI workflow", bridge.answer()["message"])

    def test_a_file_without_the_function_says_so(self) -> None:
        with Bridge("print('hello')", "devkit") as bridge:
            with self.assertRaisesRegex(AssertionError, "has no function process_image"):
                bridge.hear()

    def test_the_model_hosting_services_function_takes_a_path_and_its_workflow_is_the_scans(self) -> None:
        for source, path in (
            ("def process_image(image_path)", "image_path"),
            ("def process_image(image_path, threshold=0.5)", "image_path"),
            ("async def process_image(image_path: str) -> dict", "image_path"),
            ("def process_image(path='none', *, verbose=False)", "path"),
        ):
            with self.subTest(source), Bridge(f"""{source}: return {{**{WORKFLOW}, "value": {path}}}""", "devkit") as bridge:
                bridge.give(2)
                self.serve(bridge, 2)
                found = bridge.answer()["results"]["scanResults"]
                self.assertEqual([("1", "/slide-1.svs"), ("2", "/slide-2.svs")], [(each["scanId"], each["workflow"]["value"]) for each in found])

    def test_a_function_that_takes_data_is_the_kits_whatever_else_it_has(self) -> None:
        for source, data in (
            ("def process_image(image_path, data=None)", "data"),
            ("async def process_image(image_path, data)", "data"),
            ("async def process_image(*given)", "given[1]"),
            ("def process_image(slide, request, more=1)", "request"),
        ):
            with self.subTest(source), Bridge(f"""{source}: return {{"scanId": next(iter({data}["scans"])), "results": {{}}}}""", "devkit") as bridge:
                bridge.give()
                self.serve(bridge, 1)
                self.assertEqual({"scanResults": [{"scanId": "1", "results": {}}]}, bridge.answer()["results"])

    def test_a_function_of_neither_shape_is_told_with_its_parameters(self) -> None:
        for parameters in ("", "a, b, c", "image_path, *, model"):
            with self.subTest(parameters), Bridge(f"def process_image({parameters}): pass", "devkit") as bridge:
                with self.assertRaisesRegex(AssertionError, r"process_image\(" + parameters.replace("*", r"\*") + r"\) fits neither process_image\(image_path, data\)"):
                    bridge.hear()

    def test_what_is_written_stays_the_tasks_and_what_lies_beside_the_file_is_there(self) -> None:
        with tempfile.TemporaryDirectory() as debug, Bridge(f"""
            import os

            def process_image(image_path):
                assert open("weights.txt").read() == "weights" and os.path.isdir("tables")
                os.makedirs("maps/more", exist_ok=True)
                for name in ("overlay.png", "maps/more/heat.png", "old.log"):
                    with open(name, "a") as file:
                        file.write("new")
                return {WORKFLOW}
            """, "devkit") as bridge:
            beside = os.path.dirname(bridge.path)
            os.mkdir(os.path.join(beside, "tables"))
            for name, text in (("weights.txt", "weights"), ("old.log", "old ")):
                with open(os.path.join(beside, name), "w") as file:
                    file.write(text)
            bridge.give(debug=debug)
            self.serve(bridge, 1)
            self.assertEqual("result", bridge.answer()["type"], bridge.printed())
            bridge.hang_up()
            self.assertEqual(["maps-more-heat.png", "old.log", "overlay.png"], sorted(os.listdir(debug)))
            with open(os.path.join(debug, "old.log")) as new, open(os.path.join(beside, "old.log")) as old:
                self.assertEqual(("old new", "old "), (new.read(), old.read()))
            self.assertFalse(os.path.exists(os.path.join(beside, "maps")))

    def test_what_was_written_before_a_failure_is_kept(self) -> None:
        with tempfile.TemporaryDirectory() as debug, Bridge("""
            def process_image(image_path):
                open("glance.txt", "w").close()
                raise ValueError("no tissue")
            """, "devkit") as bridge:
            bridge.give(2, debug=debug)
            self.serve(bridge, 1)
            self.assertEqual("ValueError: no tissue", bridge.answer()["message"])
            self.assertEqual(["1-glance.txt"], os.listdir(debug))
