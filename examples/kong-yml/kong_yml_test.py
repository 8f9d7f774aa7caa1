# SPDX-License-Identifier: Apache-2.0
"""The kong.yml is valid without a warning, and what it says is what happens."""
import collections
import json
import subprocess
import unittest

from stage import BINARY, HERE, Stage

API = "api.larkfield.example"
WEB = {"apikey": "web-5f1c0e9a7b3d"}
OFFICE = {"apikey": "office-02d4b6f8a1c3"}
GLOBEX = {"apikey": "globex-8b6d4f2a0c1e"}

# (what, method, host and path, fields) and (address that it stands for, path, Host) upstream; None: not looked at.
PASSED_ON = [
    ("a host", "GET", "www.larkfield.example/sale?size=m", {}, "10.20.1.5:3000", "/sale?size=m", "www.larkfield.example"),
    ("a wildcard host", "GET", "de.shop.larkfield.example/angebote", {}, "10.20.1.5:3000", "/angebote", "de.shop.larkfield.example"),
    ("a wildcard at the end, the service's own path", "GET", "media.larkfield.test/logo.svg", {}, "10.20.1.6:8080", "/public/logo.svg", None),
    ("a prefix that stays, behind the service's path", "GET", f"{API}/v2/categories/7", {}, None, "/catalog/v2/categories/7", None),
    ("path_handling v1", "GET", f"{API}/v1/products/12", {}, None, "/catalog/12", None),
    ("a regex before a prefix", "GET", f"{API}/v2/products/123456", {}, None, "/catalog/v2/products/123456", None),
    ("the longer prefix", "GET", f"{API}/v2/search/suggest?q=te", {}, None, "/v2/search/suggest?q=te", None),
    ("the shorter prefix, stripped", "POST", f"{API}/v2/search", {}, None, "/", None),
    ("a regex inside a prefix of another service", "GET", f"{API}/v2/products/12/reviews", {}, "10.20.1.51:8080", "/v2/products/12/reviews", None),
    ("a header that chooses", "GET", f"{API}/v2/prices/9", {**WEB, "X-Preview": "true"}, "10.20.1.41:8080", "/v2/prices/9", None),
    ("its absence", "GET", f"{API}/v2/prices/9", WEB, "10.20.1.41:8080", "/9", None),
    ("a header's regex", "GET", f"{API}/v2/recommendations/u1", {"User-Agent": "Larkfield-iOS/812"}, "10.20.1.61:8080", "/v2/recommendations/u1", None),
    ("an agent that it does not fit", "GET", f"{API}/v2/recommendations/u1", {"User-Agent": "curl/8"}, "10.20.1.61:8080", "/u1", None),
    ("the second name of a key", "PATCH", f"{API}/v2/carts/c7", {"x-api-key": "android-c0ffee123456"}, "10.20.2.5:8080", "/carts/c7", None),
    ("another method, another route", "GET", f"{API}/v2/orders/export.csv", WEB, None, "/orders/v2/orders/export.csv", None),
    ("a regex under a host of its own", "GET", "checkout.larkfield.example/return/success/A-17", {}, "10.20.2.21:8080", "/return/success/A-17",
     "checkout.larkfield.example"),
    ("a target without weight is left alone, the upstream names the host", "POST", f"{API}/v2/payments", WEB, "10.20.3.11:9443", "/api",
     "payments.svc.larkfield.example"),
    ("an inner host", "GET", "office.larkfield.internal/refunds/5", OFFICE, "10.20.3.21:8080", "/5", None),
    ("a route beside its service", "GET", "office.larkfield.internal/reports/orders/today", OFFICE, None, "/orders/today", None),
    ("a wildcard in front of an inner host", "GET", "north.warehouse.larkfield.internal/bins/4", {"apikey": "warehouse-19ac3f5508de"}, "10.20.4.5:8080",
     "/bins/4", "north.warehouse.larkfield.internal"),
    ("a key in the query, hidden", "POST", f"{API}/hooks/dhl/v2/events?token=dhl-90e1f2a3b4c5&n=1", {}, "10.20.4.11:8080", "/hooks/dhl/v2/events?n=1", None),
    ("a link without a key", "GET", f"{API}/track/JD0140", {}, "10.20.4.11:8080", "/JD0140", None),
    ("one of several paths", "POST", "notify.larkfield.internal/push", {}, "10.20.5.21:8080", "/push", None),
    ("a partner", "GET", "partners.larkfield.example/catalog/de/feed.xml", GLOBEX, "10.20.6.5:8080", "/catalog/de/feed.xml", None),
]

ANSWERED = [
    ("no key", "GET", f"{API}/v2/orders", {}, 401, "No API key found in request"),
    ("an unknown key", "GET", f"{API}/v2/orders", {"apikey": "nobody"}, 401, "Unauthorized"),
    ("a key in the query where it may not be", "GET", "office.larkfield.internal/refunds?apikey=office-02d4b6f8a1c3", {}, 401, "No API key"),
    ("a method that no route has", "DELETE", f"{API}/v2/payments", WEB, 404, "no Route matched"),
    ("a path that no route has", "GET", f"{API}/v3/orders", {}, 404, "no Route matched"),
    ("a retired service", "POST", f"{API}/soap/v1/Orders", {}, 410, "<code>gone</code>"),
    ("a route without a service", "GET", f"{API}/healthz", {}, 200, '"message":"ok"'),
    ("a text of the gateway's", "GET", f"{API}/robots.txt", {}, 200, "Disallow: /v2/"),
]


class KongYml(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage().__enter__()
        cls.addClassCleanup(cls.stage.__exit__)

    def passed_on(self, method, url, fields=None):
        status, _, text = self.stage.ask(method, url, fields)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def test_it_is_valid_without_a_warning(self):
        done = subprocess.run([BINARY, "check", "--strict", HERE / "kong.yml"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_requests_reach_the_service_that_their_route_names(self):
        for what, method, url, fields, at, path, host in PASSED_ON:
            with self.subTest(what):
                seen = self.passed_on(method, url, fields)
                self.assertEqual(seen["path"], path)
                self.assertIn(at, (None, seen["at"]))
                self.assertIn(host, (None, seen["headers"]["host"]))

    def test_the_gateway_answers_what_no_service_shall(self):
        for what, method, url, fields, status, text in ANSWERED:
            with self.subTest(what):
                got, _, body = self.stage.ask(method, url, fields)
                self.assertEqual(got, status, body)
                self.assertIn(text, body)

    def test_https_only_pages_redirect(self):
        status, fields, _ = self.stage.ask("GET", "www.larkfield.example/account/orders")
        self.assertEqual(status, 308)
        self.assertEqual(fields["location"], "https://www.larkfield.example/account/orders")

    def test_services_know_who_asks_and_never_see_the_key(self):
        headers = self.passed_on("GET", f"{API}/v2/orders/1001", {**WEB, "X-Consumer-Username": "office"})["headers"]
        self.assertEqual(headers["x-consumer-username"], "web")
        self.assertEqual(headers["x-consumer-custom-id"], "app-0001")
        self.assertNotIn("apikey", headers)

    def test_without_a_card_points_are_a_guests(self):
        headers = self.passed_on("GET", f"{API}/v2/loyalty/points")["headers"]
        self.assertEqual((headers["x-consumer-username"], headers["x-anonymous-consumer"]), ("guest", "true"))

    def test_targets_get_their_share(self):
        seen = collections.Counter(self.passed_on("GET", f"{API}/v2/orders/1", WEB)["at"] for _ in range(8))
        self.assertEqual(seen, {"10.20.2.11:8080": 6, "10.20.2.12:8080": 2})

    def test_one_id_follows_a_request(self):
        status, fields, text = self.stage.ask("GET", f"{API}/v2/returns/8", {"X-Request-ID": "till-4-118"})
        self.assertEqual((status, fields["x-request-id"]), (200, "till-4-118"))
        self.assertEqual(json.loads(text)["headers"]["x-request-id"], "till-4-118")
        made = self.stage.ask("GET", f"{API}/nowhere")[1]["x-request-id"]
        self.assertRegex(made, "^[0-9a-f-]{36}$")

    def test_limits_are_the_routes_or_the_consumers(self):
        limit = "x-ratelimit-limit-minute"
        acme = {"apikey": "acme-3c5a7e9b1d2f"}
        self.assertEqual(self.stage.ask("GET", "partners.larkfield.example/stock", acme)[1][limit], "600")
        self.assertEqual(self.stage.ask("GET", "partners.larkfield.example/stock", GLOBEX)[1][limit], "6000")
        warehouse = self.stage.ask("POST", f"{API}/v2/products/12/reviews", {"apikey": "warehouse-19ac3f5508de"})[1]
        self.assertNotIn(limit, warehouse)
        self.assertEqual(warehouse["x-ratelimit-limit-second"], "500")

    def test_who_asks_too_often_is_told_so(self):
        # One more than two windows take, since an hour may end in between.
        answers = [self.stage.ask("POST", f"{API}/v2/customers/password-reset") for _ in range(11)]
        self.assertEqual(answers[0][0], 200)
        refused = [answer for answer in answers if answer[0] == 429]
        self.assertTrue(refused)
        self.assertIn("Too many attempts", refused[0][2])
        self.assertIn("retry-after", refused[0][1])
        trial = [self.stage.ask("GET", "partners.larkfield.example/orders", {"apikey": "initech-f0e1d2c3b4a5"})[0] for _ in range(7)]
        self.assertEqual((trial[0], 429 in trial), (200, True))

    def test_requests_are_logged_and_traced(self):
        seen = self.passed_on("GET", f"{API}/v2/returns/77", {"X-App-Version": "9.1"})
        trace = seen["headers"]["traceparent"].split("-")[1]
        self.assertTrue(self.stage.await_seen(lambda got: got["at"] == "10.20.0.5:4318" and got["path"] == "/v1/traces"), "no spans came")
        line = json.loads(self.stage.await_log('"/v2/returns/77"'))
        self.assertEqual((line["route"]["name"], line["service"]["name"], line["app_version"]), ("returns", "returns", "9.1"))
        self.assertEqual(line["response"]["status"], 200)
        self.assertRegex(trace, "^[0-9a-f]{32}$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
