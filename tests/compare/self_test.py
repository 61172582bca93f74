#!/usr/bin/python3
"""The comparer without brokers: the same seed gives the same sequence, what differs is found, only what is listed is
forgiven, and docs/DIFFERENCES.md has a row for everything that is."""
import copy
import os
import re
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, "..", "interop"), FOLDER]
import compare  # noqa: E402
import differences  # noqa: E402
import http_definitions  # noqa: E402
import http_requests  # noqa: E402
import http_shapes  # noqa: E402
import sequences  # noqa: E402

DEAD = {"answer": {"body": "1", "properties": {"headers": {"x-death": [{
    "queue": "q", "reason": "expired", "exchange": "e"}]}}}, "ready": {"q": (1, 0)}}


class Sequences(unittest.TestCase):
    def test_a_seed_is_a_sequence(self):
        self.assertEqual(sequences.Sequence(7).operations(), sequences.Sequence(7).operations())
        self.assertNotEqual(sequences.Sequence(7).operations(), sequences.Sequence(8).operations())

    def test_every_operation_occurs(self):
        names = {name for seed in range(60) for name, _ in sequences.Sequence(seed).operations()}
        self.assertLessEqual({"publish", "get", "settle", "consume", "transaction", "queue_bind", "exchange_unbind",
                              "queue_delete", "expire", "other_get", "recover"}, names)


class Comparing(unittest.TestCase):
    def check(self, theirs, ours, found, applied=()):
        difference, used = compare.first_difference([("get", {})], [theirs], [ours])
        self.assertEqual((difference is not None, used), (found, set(applied)))

    def test_equal(self):
        self.check(DEAD, copy.deepcopy(DEAD), False)

    def test_another_count_answer_or_header(self):
        for key, value in (("ready", {"q": (2, 0)}), ("answer", "empty")):
            self.check(DEAD, {**DEAD, key: value}, True)
        ours = copy.deepcopy(DEAD)
        ours["answer"]["properties"]["headers"]["x-death"][0]["reason"] = "rejected"
        self.check(DEAD, ours, True)

    def test_last_death(self):
        ours = copy.deepcopy(DEAD)
        headers = ours["answer"]["properties"]["headers"]
        headers.update({"x-last-death-queue": "q", "x-last-death-reason": "expired", "x-last-death-exchange": "e"})
        self.check(DEAD, ours, False, ["last-death-headers"])
        headers["x-last-death-queue"] = "another"
        self.check(DEAD, ours, True)

    def test_errors(self):
        old, new = "connection 503 COMMAND_INVALID - ", "channel 406 PRECONDITION_FAILED - "
        self.check({"answer": old + "unknown exchange type 'x'"}, {"answer": new + "unknown exchange type 'x'"}, False,
                   ["unknown-exchange-type"])
        self.check({"answer": old + "unknown exchange type 'x'"}, {"answer": new + "unknown exchange type 'y'"}, True,
                   [])
        self.check({"answer": old + "something else"}, {"answer": new + "something else"}, True)


class Shapes(unittest.TestCase):
    def test_shapes(self):
        theirs = (200, [{"a": 1, "b": {"c": "x"}}, {"a": None}])
        self.assertEqual(http_shapes.differences_of("p", theirs, copy.deepcopy(theirs)), [])
        self.assertEqual(http_shapes.differences_of("p", theirs, (200, [{"a": "1", "d": 2.5}])), [
            "p: type [].a: ['null', 'number'], ours ['string']", "p: missing [].b: ['object']",
            "p: extra [].d: ['number']"])
        self.assertEqual(http_shapes.differences_of("p", theirs, (404, None)), ["p: status 200, ours 404"])

    def test_requests_that_are_refused(self):
        def lines(theirs, ours):
            return http_requests.differences_of_request("- PUT x {}", theirs, ours)
        refused = (404, {"error": "not_found", "reason": "x"}, {})
        self.assertEqual(lines(refused, refused), [])
        self.assertEqual(lines(refused, (404, {"error": "Object Not Found", "reason": "y"}, {})),
                         ["- PUT x {}: error not_found, ours Object Not Found"])
        made = (201, None, {"Location": "a"})
        self.assertEqual(lines(made, (201, None, {"Location": "b"})), ["- PUT x {}: Location a, ours b"])
        self.assertEqual(lines(made, (204, None, {"Location": None})), ["- PUT x {}: status 201, ours 204"])

    def test_requests_are_whole(self):
        requests = [*http_requests.REQUESTS.strip().splitlines(), *http_requests.requests_of_roles()]
        users = {"-", "none", *http_requests.ROLES}
        for request in requests:
            self.assertRegex(request, "^(" + "|".join(users) + ") (GET|PUT|POST|DELETE|PATCH|OPTIONS) [^ ]+")
        for role in http_requests.ROLES:
            self.assertTrue(any(request.startswith(f"- PUT users/{role} ") for request in requests), role)

    def test_reasons(self):
        self.assertEqual(http_shapes.reason_of("queues: extra [].new: ['string']"), "fields-of-4.x")
        self.assertIsNone(http_shapes.reason_of("queues: missing [].name: ['string']"))
        self.assertIsNone(http_shapes.reason_of("queues: status 200, ours 404"))


class Definitions(unittest.TestCase):
    def test_what_is_lost(self):
        theirs = {section: [] for section in http_definitions.SECTIONS}
        queue = {"name": "q", "vhost": "moved", "arguments": {"x": 1}}
        theirs["queues"] = [queue, {"name": "p", "vhost": "/"}]  # what is in another virtual host is not looked at
        self.assertEqual(http_definitions.lost(theirs, {**theirs, "queues": [{**queue, "type": "classic"}]}), [])
        for ours in ([], [{**queue, "arguments": {}}]):
            lines = http_definitions.lost(theirs, {**theirs, "queues": ours})
            self.assertEqual(lines, [f"definitions: queues {queue}"])


class Documents(unittest.TestCase):
    def test_every_difference_has_its_row(self):
        with open(os.path.join(FOLDER, "../../docs/DIFFERENCES.md"), encoding="utf-8") as file:
            rows = re.findall(r"^\| `([^`]+)` \|", file.read(), re.MULTILINE)
        self.assertEqual(sorted(rows), sorted([*differences.AMQP, *differences.HTTP]))


if __name__ == "__main__":
    unittest.main()
