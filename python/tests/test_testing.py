"""Tasks for unit tests. Most tests here need a built bridge, which the environment variable SLIDEBRIDGE names."""

import os
import signal
import stat
import subprocess
import tempfile
import unittest
from typing import Any
from unittest import mock

import slidebridge
from slidebridge import testing


def classify(task: slidebridge.Task) -> slidebridge.Results:
    results = slidebridge.Results()
    for scan in task.scans:
        tiles = scan.tiles(size=128, downsample=4, tissue=True, batch=4)
        scores = [[float("nan")] * tiles.columns for _ in range(tiles.rows)]
        for batch in tiles:
            for i, (column, row) in enumerate(zip(batch.columns, batch.rows)):
                scores[row][column] = bytes(batch.tile(i))[0]
        found = results.scan(scan.id).summary(f"{tiles.count} tiles of {task.settings.get('name')}")
        found.heatmap_from(scores, 0, 0, 128 * tiles.downsample, [0], "tissue", slide_size=(scan.width, scan.height))
    return results


class TestingTests(unittest.TestCase):
    """Every test has a folder for temporary files, which is empty at the end."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        isolated = mock.patch("tempfile.tempdir", temporary.name)
        isolated.start()
        self.addCleanup(isolated.stop)
        self.addCleanup(lambda: self.assertEqual([], os.listdir(temporary.name)))


class WithoutABridgeTests(TestingTests):
    def program(self, source: str) -> str:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "bridge")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + source)
        os.chmod(path, stat.S_IRWXU)
        return path

    def assertFails(self, message: str, **options: Any) -> None:
        with self.assertRaisesRegex(testing.BridgeError, message):
            with testing.task("slide.svs", **options):
                self.fail("there is a task")

    def test_a_bridge_that_is_not_there_is_one_sentence(self) -> None:
        self.assertFails("^bridge= names /nowhere, which is not a program$", bridge="/nowhere")
        with mock.patch.dict(os.environ, SLIDEBRIDGE="/nowhere"):
            self.assertFails("^the environment variable SLIDEBRIDGE names /nowhere, which is not a program$")
        with mock.patch.dict(os.environ, SLIDEBRIDGE="", PATH="/nowhere"):
            self.assertFails("^the program slidebridge is not on the PATH: name it with the environment variable SLIDEBRIDGE or with bridge=$")

    def test_a_bridge_that_ends_says_why(self) -> None:
        self.assertFails("^the bridge ended with code 2: the slide is missing$", bridge=self.program("echo 'slidebridge: the slide is missing' >&2; exit 2"))

    def test_a_bridge_that_hangs_is_ended(self) -> None:
        started = []
        start = subprocess.Popen

        def remember(*arguments: Any, **options: Any) -> Any:
            started.append(start(*arguments, **options))
            return started[-1]

        with mock.patch("subprocess.Popen", remember):
            self.assertFails("^the bridge did not open the slides within 0.5 seconds", bridge=self.program("exec sleep 600"), timeout=0.5)
        self.assertEqual([-signal.SIGTERM], [process.returncode for process in started])

    def test_a_stain_of_no_scan_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "stains names the scan 3; the scans are 101, 102"):
            with testing.task({"101": "a.svs", "102": "b.svs"}, stains={"3": "he"}):
                self.fail("there is a task")


@unittest.skipUnless(os.environ.get("SLIDEBRIDGE"), "the environment variable SLIDEBRIDGE does not name a built bridge")
class WithABridgeTests(TestingTests):
    slide: str

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.slide = os.path.join(folder.name, "slide.svs")
        subprocess.run([*testing._program(None), "slide", "make", cls.slide], check=True, stdout=subprocess.DEVNULL)

    def test_a_classifier_gets_the_slides_pixels_and_its_result_is_what_would_be_posted(self) -> None:
        with testing.task(self.slide, settings={"name": "this"}, model="m", company="c", mpp=0.3, stains="he", timeout=60) as test:
            (scan,) = test.task.scans
            self.assertIsInstance(test.task, slidebridge.Task)
            self.assertEqual(("m", "c", "1", ("he", None, None), (0.3, 0.3)), (test.task.model, test.task.company_id, scan.id, scan.stain, scan.mpp))
            (found,) = test.check(classify(test.task))["scanResults"]
            self.assertRegex(found["results"]["summary"], "^[1-9][0-9]* tiles of this$")
            self.assertEqual("tissue", found["geojson"]["features"][0]["properties"]["annotation_type"])
            self.assertEqual(30, len(bytes(scan.region(0, 0, 5, 2))))
            self.assertGreater(scan.tissue()[0].area, 0)
            self.assertEqual(["resolution-doubtful"], [warning.code for warning in scan.warnings])
            self.assertTrue(os.path.samefile(self.slide, scan.path()))
            with self.assertRaises(ValueError):
                scan.region(0, 0, 5, 2, level=99)

    def test_scans_have_the_ids_that_the_test_gives_them(self) -> None:
        with testing.task({"101": self.slide, "2": self.slide}, stains={"2": "ki67"}) as test:
            self.assertEqual([("101", None), ("2", "ki67")], [(scan.id, scan.stain.value if scan.stain else None) for scan in test.task.scans])
            self.assertEqual(["101", "2"], [found["scanId"] for found in test.check(classify(test.task))["scanResults"]])
        with testing.task([self.slide, self.slide]) as test:
            self.assertEqual(["1", "2"], [scan.id for scan in test.task.scans])

    def test_results_that_the_bridge_refuses_fail_the_test_at_the_end_or_at_once(self) -> None:
        with self.assertRaises(testing.InvalidResults) as refused:
            with testing.task(self.slide) as test:
                test.results.scan("7").value("summary", 3)
        self.assertEqual([
            "the bridge refuses the results:", """$.scanResults[0].scanId: found "7", expected one of the task's scans (1)""", "$.scanResults[0].results.summary: found 3, expected a string",
        ], str(refused.exception).splitlines())
        with testing.task(self.slide) as test:
            for results, message in (
                (None, "the classifier returned nothing"), ({"scanResults": 1}, r"\$\.scanResults: found 1"), ({"caseResults": {"x": float("nan")}}, r"\$\.caseResults\.x is nan")):
                with self.assertRaisesRegex(testing.InvalidResults, message):
                    test.check(results)

    def test_an_exception_in_the_block_is_the_tests_and_nothing_is_left(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            with testing.task(self.slide) as test:
                tiles = iter(test.task.scans[0].tiles(batch=1))
                next(tiles)
                test.results.scan("7")
                1 / 0
        with self.assertRaisesRegex(testing.BridgeError, "the task has ended with its 'with' block"):
            test.task.scans[0].thumbnail()

    def test_a_bridge_that_dies_ends_the_test(self) -> None:
        with self.assertRaisesRegex(testing.BridgeError, "^the bridge (was ended by signal 9|ended with code 137)"):
            with testing.task(self.slide) as test:
                process = test._bridge._process
                assert process is not None
                os.killpg(process.pid, signal.SIGKILL)
                while True:
                    test.task.scans[0].thumbnail()

    def test_a_slide_that_is_not_there_is_one_sentence(self) -> None:
        with self.assertRaisesRegex(testing.BridgeError, "^the bridge ended with code 1: .*/nothing.svs: The slide's file does not exist.$"):
            with testing.task("nothing.svs"):
                self.fail("there is a task")
