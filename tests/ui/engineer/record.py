"""``python -m tests.ui.engineer.record``: what a real service answers to every engineer page, kept as a file.

A simulated bench with its service, people and tests on record. The pages' own tests talk to real services;
the looks of all pages in all sizes and languages are checked on these answers, in a fraction of the time.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import httpx

import profiles
from station.errors import StationError
from station.models.rulebook import DEFAULT_RULES, EXAMPLE_PRICES
from station.service.client import ServiceClient
from station.service.training_client import TrainingClient
from tests.scenarios.bench.stand import Stand, marking
from tests.station.service.recorded import ADMIN, filled
from tests.ui.engineer.answering import ANSWERS, key_of

RAPID: Final = profiles.locate("rapid").read_text(encoding="utf-8")


class Recorder:
    """Keeps what passes over a client's wire, under the key that ``answering`` asks by."""

    def __init__(self, client: ServiceClient) -> None:
        self.client, self.variant = client, ""
        self.answers: dict[str, Any] = {}
        client._http.event_hooks["response"].append(self._heard)

    def _heard(self, response: httpx.Response) -> None:
        response.read()
        asked = response.request
        key = key_of(asked.method, asked.url.path, dict(asked.url.params.multi_items())) + self.variant
        self.answers[key] = response.json()


def history(client: ServiceClient) -> None:
    """The list, each test, the log and its chain."""
    client.bench()
    runs = client.get("/api/history", limit=50)["runs"]
    for run in runs:
        client.run(run["run_id"])
        with contextlib.suppress(StationError):  # one was stopped before it had any samples
            client.run_curve(run["run_id"], buckets=60)
    client.get("/api/events", limit=100)
    client.get("/api/events/chain", again=False)
    client.persons()


def set_up(recorder: Recorder, stand: Stand) -> None:
    """Profiles, bench, calibration, rules and models."""
    client = recorder.client
    for row in client.get("/api/profiles")["profiles"]:
        client.get(f"/api/profiles/{row['name']}")
    first = client.get("/api/profiles")["profiles"][0]["name"]
    text = client.get(f"/api/profiles/{first}")["text"]
    body = {"nominal_capacity_Ah": 35.0, "chemistry": "LFP", "channels": True}
    client.post("/api/profiles/check", {"text": text, **body})
    recorder.variant = "#wrong"
    client.post("/api/profiles/check", {"text": RAPID.replace("rest_s: 75", "rest_s: 0, speed: 3"), **body})
    recorder.variant = ""
    client.post("/api/profiles/diff", {"text": RAPID.replace("75", "20"), "name": "rapid", "version": None})
    file = client.get("/api/setup")["file"]["text"]
    client.post("/api/setup/ask")
    address = stand.bench.channel("3").power.address
    client.post("/api/setup/discover", {"lan": [address, "tcp://127.0.0.1:9"], "kinds": []})
    client.post("/api/setup/check", {"text": file.replace("power_max_W", "power_max_kW", 1)})
    point = {"quantity": "voltage", "unit": "V", "reading": 3.301, "reference": 3.3}
    due = {"due": "2001-01-01", "done": "2000-01-01", "certificate": "K-2026-0017", "by": "Metrology Bureau"}
    client.post(
        "/api/calibration", {"address": address, "calibration": {**due, "points": [point]}, "why": "new"}
    )
    client.get("/api/calibration")
    client.get("/api/rules")
    rules = DEFAULT_RULES.read_text(encoding="utf-8")
    for kind, text in (("rules", rules), ("prices", EXAMPLE_PRICES.read_text(encoding="utf-8"))):
        client.get(f"/api/rules/{kind}")
        client.post(f"/api/rules/{kind}/check", {"text": text})
    client.post("/api/rules/try", {"rules": rules.replace("soh_min: {value: 0.8", "soh_min: {value: 0.99")})
    client.get("/api/models")
    client.get("/api/models/shipped/card")


def training(client: ServiceClient) -> None:
    """The course, and a sheet with one mission that was left."""
    course = TrainingClient(client)
    course.missions()
    course.start("李雷", "normal")
    course.end()
    for lang in ("zh", "en"):
        course.sheet("李雷", lang)


def main() -> None:
    """Write the file anew."""
    with tempfile.TemporaryDirectory() as folder, marking(), Stand(Path(folder), speed=20.0) as stand:
        filled(stand.data)
        recorder = Recorder(stand.client())
        client = recorder.client
        client.state()
        client.person_names()
        client.login(name=ADMIN[0], pin=ADMIN[1])
        client.logout()
        client.login(name=ADMIN[0], pin=ADMIN[1])
        history(client)
        set_up(recorder, stand)
        training(client)
        stand.stop()
    recorder.answers["POST /api/login"]["session"] = "recorded"
    text = json.dumps(recorder.answers, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    ANSWERS.write_text(text.replace(folder, "/station"), encoding="utf-8")


if __name__ == "__main__":
    main()
