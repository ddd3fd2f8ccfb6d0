"""A classifier's life: ready, tasks, failures, the end."""

import os
import unittest

from .bridge import Bridge


class LifeTests(unittest.TestCase):
    def test_it_says_that_it_is_ready_and_answers_task_after_task(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            class Mine:
                def __init__(self):
                    self.tasks = 0

                def __call__(self, task):
                    self.tasks += 1
                    results = slidebridge.Results()
                    results.scan(task.scans[0].id).summary(f"task {task.task_id}, the {self.tasks}. of {task.settings['name']}, stain {task.scans[0].stain.value}")
                    return results
            """) as bridge:
            self.assertEqual({"type": "ready", "protocol": 1, "heartbeat": 5.0}, bridge.hear_any())
            for n in (1, 2):
                bridge.give(taskId=n, settings={"name": "this"})
                self.assertEqual(
                    {"scanResults": [{"scanId": "1", "results": {"summary": f"task {n}, the {n}. of this, stain he"}}]}, bridge.answer()["results"])
            self.assertEqual(0, bridge.hang_up())

    def test_what_it_or_a_program_it_starts_prints_goes_to_the_log(self) -> None:
        with Bridge("""
            import os, subprocess, sys
            import slidebridge
            print("imported")

            @slidebridge.classifier
            def classify(task):
                print("printed")
                os.write(1, b"written\\n")
                subprocess.run([sys.executable, "-c", "print('a child')"])
                assert sys.stdin.read() == ""
                return {"scanResults": []}
            """) as bridge:
            bridge.give()
            self.assertEqual({"type": "result", "results": {"scanResults": []}, "taskId": 1}, bridge.answer())
            for words in ("imported", "printed", "written", "a child"):
                self.assertIn(words, bridge.printed())

    def test_an_exception_fails_the_task_and_the_next_one_runs(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                if task.model == "divides":
                    1 / 0
                if task.model == "gives up":
                    raise slidebridge.ClassifierError("no tumour bed was found")
                if task.model == "waits":
                    raise slidebridge.ClassifierError("the licence server is away", transient=True)
                return None if task.model == "nothing" else {"scanResults": []}
            """) as bridge:
            for model, message, transient in (
                ("divides", "ZeroDivisionError: division by zero", None), ("gives up", "no tumour bed was found", False),
                ("waits", "the licence server is away", True), ("nothing", "the classifier returned nothing; it must return its results", False)):
                bridge.give(model=model)
                answer = bridge.answer()
                self.assertEqual(("error", message, transient), (answer["type"], answer["message"], answer.get("mayPass")))
            self.assertIn("Traceback", bridge.printed())
            bridge.give()
            self.assertEqual("result", bridge.answer()["type"])

    def test_a_forked_process_that_reads_tiles_is_told_so_and_does_not_wait_for_ever(self) -> None:
        with Bridge("""
            import os
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                tiles = task.scans[0].tiles(batch=1)
                read, write = os.pipe()
                if os.fork() == 0:
                    for reading in (lambda: next(tiles), lambda: task.scans[0].thumbnail()):
                        try:
                            reading()
                        except RuntimeError as e:
                            os.write(write, str(e).split(":")[0].encode() + b";")
                    os._exit(0)
                os.wait()
                return {"scanResults": [], "caseResults": {"told": os.read(read, 1000).decode(), "tiles": len(list(tiles))}}
            """) as bridge:
            bridge.give()
            bridge.serve_tiles(2)
            told = "tiles and slides can be read only in the process that the bridge started, not in a forked one;"
            self.assertEqual({"told": told * 2, "tiles": 2}, bridge.answer()["results"]["caseResults"])

    def test_what_JSON_does_not_have_is_told_with_its_place(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                results = slidebridge.Results()
                results.scan("1").value("scores", [1.0, {"nan": float("nan"), "set": {1}}[task.model]])
                return results
            """) as bridge:
            for model, what in (("nan", "is nan, which JSON does not support"), ("set", "is a set")):
                bridge.give(model=model)
                self.assertEqual(f"the results cannot be written as JSON: $.scanResults[0].results.scores[1] {what}", bridge.answer()["message"])

    def test_numpys_numbers_and_arrays_are_written_as_they_are(self) -> None:
        with Bridge("""
            import slidebridge
            try:
                import numpy as np
            except ImportError:
                np = None

            @slidebridge.classifier
            def classify(task):
                if np is None:
                    return {"missing": "numpy"}
                return {"int": np.int64(3), "float": np.float32(0.5), "flag": np.bool_(True), "one": np.array([7]), "many": np.eye(2, dtype=int)}
            """) as bridge:
            bridge.give()
            results = bridge.answer()["results"]
            if "missing" in results:
                self.skipTest("numpy is missing")
            self.assertEqual({"int": 3, "float": 0.5, "flag": True, "one": [7], "many": [[1, 0], [0, 1]]}, results)

    def test_a_cancelled_task_ends_where_it_next_talks_to_the_bridge(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                try:
                    while task.model == "long":
                        task.scans[0].progress(0.5)
                    if task.model == "asks":
                        task.scans[0].path()
                except Exception:
                    task.log("swallowed")
                return {"scanResults": []}
            """) as bridge:
            bridge.give(model="long")
            bridge.hear("progress")
            bridge.say("cancel")
            self.assertEqual({"type": "error", "message": "cancelled", "taskId": 1}, bridge.answer())
            bridge.give(model="asks")
            bridge.hear("path")
            bridge.say("cancel")
            self.assertEqual("cancelled", bridge.answer()["message"])
            bridge.give(model="asks")
            bridge.say("cancel")
            self.assertEqual("cancelled", bridge.answer()["message"])
            bridge.give()
            self.assertEqual("result", bridge.answer()["type"])

    def test_it_ends_when_the_bridge_is_gone(self) -> None:
        with Bridge("""
            import time
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                task.log("at work")
                time.sleep(60)
            """) as bridge:
            bridge.give()
            bridge.hear("log")
            self.assertEqual(1, bridge.hang_up())

    def test_a_file_without_a_classifier_says_so(self) -> None:
        with Bridge("import slidebridge") as bridge:
            with self.assertRaisesRegex(AssertionError, "exactly one function or class must have @slidebridge.classifier; found 0"):
                bridge.hear()

    def test_a_slide_that_cannot_be_read_is_a_SlideError_and_a_wrong_wish_a_ValueError(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                try:
                    task.scans[0].path()
                except ValueError as e:
                    return {"wrong": str(e)}
            """) as bridge:
            for cause, answer in (("request", ("result", None)), ("slide", ("error", "no TIFF"))):
                bridge.give()
                bridge.say("failed", id=bridge.hear("path")["id"], cause=cause, message="no TIFF")
                heard = bridge.answer()
                self.assertEqual(answer, (heard["type"], heard.get("message")))

    def test_a_path_is_the_slides(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                return {"path": task.scans[0].path()}
            """) as bridge:
            bridge.give()
            question = bridge.hear("path")
            bridge.say("path", id=question["id"], path=os.sep + "slide.svs")
            self.assertEqual({"type": "close", "id": question["id"]}, bridge.hear_any())
            self.assertEqual({"path": os.sep + "slide.svs"}, bridge.answer()["results"])
