"""A program cannot start what a person could not: every input of the guard holds for the API, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from station.gateway.settings import GatewaySettings
from station.gateway.tokens import Tokens
from tests.station.gateway.conftest import running_gateway
from tests.station.service import fakes
from tests.station.service.running import running_service

START = {"channel": "1", "profile": "screen", "battery": "B-1", "nominal_capacity_Ah": 20.0}


@pytest.mark.parametrize("status", [{"estop_ok": False}, {"interlock_ok": False}])
def test_nothing_starts_while_an_input_is_open(tmp_path: Path, status: dict[str, Any]) -> None:
    place = tmp_path / "benches" / "testbench"
    place.mkdir(parents=True)
    (place / "fake_guard.json").write_text(json.dumps(status))
    _, token = Tokens(tmp_path).add("mes", "admin", days=1)
    with (
        running_service(fakes.config(tmp_path, bench=fakes.bench(guard=True))),
        running_gateway(tmp_path, GatewaySettings(port=0)) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client,
    ):
        answer = client.post("/v1/runs", json=START, timeout=20)
        assert answer.status_code == 409, answer.text
        assert client.get("/v1/runs").json()["runs"] == []


def test_an_api_that_only_reads_starts_nothing(tmp_path: Path) -> None:
    _, token = Tokens(tmp_path).add("mes", "admin", days=1)
    settings = GatewaySettings(port=0, allow_start=False)
    with (
        running_service(fakes.config(tmp_path)),
        running_gateway(tmp_path, settings) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client,
    ):
        answer = client.post("/v1/runs", json=START)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "api.no_start")
        assert client.post("/v1/stop").status_code == 200
