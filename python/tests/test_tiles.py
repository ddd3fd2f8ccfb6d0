"""Tests of tiles in shared memory."""

import unittest

from .bridge import Bridge, HEIGHT, TILE, WIDTH

#: Sums the first values of all tiles, batch by batch.
SUMS = """
    import slidebridge

    @slidebridge.classifier
    def classify(task):
        found = []
        for batch in task.scans[0].tiles(size=4, height=2, batch=2, mpp=0.5, tissue=True, within=(0, 0, 40, 2)):
            for pixels, x, y in batch:
                found.append([bytes(pixels.tobytes())[0], list(pixels.shape), x, y])
        return {"found": found}
    """


class TileTests(unittest.TestCase):
    def test_every_tile_is_seen_where_the_bridge_put_it(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            bridge.serve_tiles(9)
            self.assertEqual([[t, [HEIGHT, WIDTH, 3], float(t * WIDTH), 0.0] for t in range(9)], bridge.answer()["results"]["found"])

    def test_what_is_wished_is_asked_for(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            question = bridge.hear("tiles")
            self.assertEqual(
                {"type": "tiles", "id": question["id"], "scan": "1", "width": 4, "height": 2, "mpp": 0.5, "tissue": True, "batch": 2, "overlap": 0,
                 "within": {"x": 0, "y": 0, "width": 40, "height": 2}, "edges": "pad", "inOrder": False}, question)

    def test_a_slide_without_tissue_has_no_tiles(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            bridge.serve_tiles(0)
            self.assertEqual([], bridge.answer()["results"]["found"])

    def test_pixels_stay_while_they_are_held_and_their_memory_is_free_when_they_go(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                tiles = task.scans[0].tiles(batch=1)
                kept = next(tiles).pixels
                rest = [bytes(batch.pixels.tobytes())[0] for batch in tiles]
                return {"kept": kept.tobytes()[0], "rest": rest}
            """) as bridge:
            bridge.give()
            bridge.serve_tiles(12)
            self.assertEqual({"kept": 0, "rest": list(range(1, 12))}, bridge.answer()["results"])

    def test_who_holds_all_batches_is_told_to_copy(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                return {"found": len([batch for batch in task.scans[0].tiles(batch=1)])}
            """) as bridge:
            bridge.give()
            answer = bridge.serve_tiles(9)
            while answer is None or answer["type"] != "error":
                answer = bridge.hear("error", "close")
            self.assertRegex(answer["message"], "You hold 3 batches.*batch.pixels.copy")
            bridge.give()  # Copies do not hold a slot.
            self.assertEqual("tiles", bridge.hear()["type"])

    def test_a_loop_that_is_left_closes(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                if task.model == "with":
                    with task.scans[0].tiles(batch=1) as tiles:
                        next(tiles)
                elif task.model == "cycle":
                    held = {"tiles": task.scans[0].tiles(batch=1)}
                    held["self"] = held
                    del held
                    import gc
                    gc.collect()
                else:
                    for batch in task.scans[0].tiles(batch=1):
                        break
                task.scans[0].progress(1)
                return {"scanResults": []}
            """) as bridge:
            for model in ("break", "with", "cycle"):
                bridge.give(model=model)
                question = bridge.hear("tiles")
                bridge.lay_out(question, 9, 3)
                bridge.hand_over(0, [0])
                self.assertEqual(question["id"], bridge.hear("close")["id"])
                self.assertEqual("result", bridge.answer()["type"])

    def test_tiles_that_have_ended_stay_at_their_end(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                tiles = task.scans[0].tiles(batch=2)
                return {"first": sum(len(batch) for batch in tiles), "again": sum(len(batch) for batch in tiles)}
            """) as bridge:
            bridge.give()
            bridge.serve_tiles(3)
            self.assertEqual({"first": 3, "again": 0}, bridge.answer()["results"])

    def test_a_cancelled_task_ends_while_it_waits_for_tiles(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            bridge.lay_out(bridge.hear("tiles"), 9, 3)
            bridge.say("cancel")
            self.assertEqual("cancelled", bridge.answer()["message"])

    def test_a_slide_that_fails_midway_is_told(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            question = bridge.hear("tiles")
            bridge.lay_out(question, 9, 3)
            bridge.hand_over(0, [0, 1])
            bridge.say("failed", id=question["id"], cause="slide", message="the tile at 8, 0 is damaged")
            self.assertEqual("the tile at 8, 0 is damaged", bridge.answer()["message"])

    def test_progress_is_told_batch_by_batch(self) -> None:
        with Bridge(SUMS) as bridge:
            bridge.give()
            question = bridge.hear("tiles")
            bridge.lay_out(question, 4, 2)
            bridge.hand_over(0, [0, 1])
            bridge.hand_over(1, [2, 3])
            bridge.end()
            self.assertEqual([0, 0.5, 1], [bridge.hear("progress")["fraction"] for _ in range(3)])

    def test_a_region_is_shared_too(self) -> None:
        with Bridge("""
            import slidebridge

            @slidebridge.classifier
            def classify(task):
                region = task.scans[0].region(10, 20, 4, 2, level=1)
                return {"shape": list(region.shape), "sum": sum(region.tobytes())}
            """) as bridge:
            bridge.give()
            question = bridge.hear("region")
            self.assertEqual((1, 10, 20, 4, 2), tuple(question[name] for name in ("level", "x", "y", "width", "height")))
            path = bridge.path + ".pixels"
            with open(path, "wb") as file:
                file.write(bytes([3]) * TILE)
            bridge.say("pixels", id=question["id"], file=path, width=WIDTH, height=HEIGHT)
            bridge.hear("close")
            self.assertEqual({"shape": [HEIGHT, WIDTH, 3], "sum": 3 * TILE}, bridge.answer()["results"])
