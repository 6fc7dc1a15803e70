"""Who may do what: every call against every role, and none of them past the service's own checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from station.errors import DataError, UsageError
from station.gateway.access import Access, TokenMissing, TooOften
from station.gateway.settings import GatewaySettings, Limits, read_gateway_settings
from station.gateway.tokens import ROLES, Tokens

Clients = dict[str | None, httpx.Client]
START = {"channel": "1", "profile": "screen", "battery": "B-1", "nominal_capacity_Ah": 20.0}
CALLS: dict[tuple[str, str], str] = {
    ("GET", "/v1/health"): "viewer",
    ("GET", "/v1/metrics"): "viewer",
    ("GET", "/v1/bench"): "viewer",
    ("GET", "/v1/state"): "viewer",
    ("GET", "/v1/runs"): "viewer",
    ("GET", "/v1/runs/{run_id}"): "viewer",
    ("GET", "/v1/batteries/{code}"): "viewer",
    ("POST", "/v1/runs"): "operator",
    ("POST", "/v1/channels/{channel}/stop"): "operator",
    ("POST", "/v1/stop"): "operator",
    ("POST", "/v1/channels/{channel}/{command}"): "operator",
    ("POST", "/v1/shutdown"): "admin",
}


def test_the_table_has_every_call(clients: Clients) -> None:
    paths = clients["viewer"].get("/openapi.json").json()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == set(CALLS)


def sent(client: httpx.Client, method: str, path: str) -> httpx.Response:
    place = path.format(run_id="none", code="none", channel="3", command="skip")
    return client.request(method, place, json=START if (method, path) == ("POST", "/v1/runs") else None)


@pytest.mark.parametrize(("call", "needed"), CALLS.items(), ids=lambda value: str(value))
def test_each_role_may_do_what_it_may(clients: Clients, call: tuple[str, str], needed: str) -> None:
    assert sent(clients[None], *call).status_code == 401
    for role in ROLES:
        if ROLES.index(role) < ROLES.index(needed):  # type: ignore[arg-type]
            answer = sent(clients[role], *call)
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "api.role"
        elif call[1] != "/v1/shutdown":
            answer = sent(clients[role], *call)
            assert answer.status_code in (200, 201, 404, 409), answer.text
            clients["operator"].post("/v1/stop", json={"force": True})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({**START, "channel": "99"}, 404),
        ({**START, "channel": "2", "battery": "B-2", "profile": "nothing"}, 422),
        ({**START, "force": True}, 422),
        ({**START, "nominal_capacity_Ah": -1}, 422),
        ({**START, "battery": "a\nb"}, 422),
        ({}, 422),
    ],
)
def test_a_wrong_start_is_refused_and_nothing_starts(
    clients: Clients, body: dict[str, Any], status: int
) -> None:
    answer = clients["operator"].post("/v1/runs", json=body)
    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) >= {"code", "message", "remedy"}


def test_a_body_that_is_too_long_is_refused(clients: Clients) -> None:
    assert clients["operator"].post("/v1/runs", content=b" " * 100_000).status_code == 413


def test_no_place_on_this_machine_is_told(clients: Clients, folder: Path) -> None:
    shown = clients["viewer"].get("/v1/runs").text + clients["viewer"].get("/v1/state").text
    assert str(folder) not in shown


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_calls_are_limited_and_come_back_with_time(tmp_path: Path) -> None:
    book, clock = Tokens(tmp_path), Clock()
    _, text = book.add("x", "viewer", days=1)
    access = Access(book, Limits(per_minute=60, at_once=3), clock)
    for _ in range(3):
        access.check(text, "a")
    with pytest.raises(TooOften) as refused:
        access.check(text, "a")
    assert refused.value.params["wait_s"] == pytest.approx(1.0)
    clock.now = 1.0
    access.check(text, "a")


def test_guessing_tokens_is_slowed_down_by_address(tmp_path: Path) -> None:
    book, clock = Tokens(tmp_path), Clock()
    _, text = book.add("x", "viewer", days=1)
    access = Access(book, Limits(wrong_tokens_per_minute=2), clock)
    for guess in ("", "ps_x_y"):
        with pytest.raises(TokenMissing):
            access.check(guess, "a")
    with pytest.raises(TooOften):
        access.check(text, "a")
    access.check(text, "b")
    clock.now = 31.0
    access.check(text, "a")


def test_tokens_end_are_revoked_and_kept_as_hashes(tmp_path: Path) -> None:
    times: Iterator[datetime] = iter([])
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    book = Tokens(tmp_path, now=lambda: next(times, now[0]))
    token, text = book.add("mes", "operator", days=10)
    assert book.find(text) == token
    assert Tokens(tmp_path, now=lambda: now[0]).find(text) == token
    for wrong in (
        text[:-1],
        text + "x",
        text.replace("ps_", "pt_"),
        "ps__",
        "",
        "ps_" + token.id + "_\ud800",
    ):
        assert book.find(wrong) is None
    file = tmp_path / "api" / "tokens.json"
    assert text.rpartition("_")[2] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    now[0] += timedelta(days=10)
    assert book.find(text) is None
    now[0] -= timedelta(days=5)
    assert book.find(text) is not None
    book.revoke(token.id)
    assert book.find(text) is None
    with pytest.raises(UsageError):
        book.revoke("none")
    file.write_text("{")
    with pytest.raises(DataError):
        Tokens(tmp_path).find(text)


def test_beyond_this_computer_only_with_encryption(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        GatewaySettings(host="0.0.0.0").checked()
    assert refused.value.code == "api.plain"
    place = tmp_path / "api" / "settings.yaml"
    place.parent.mkdir()
    place.write_text("port: 99999\n")
    with pytest.raises(DataError) as wrong:
        read_gateway_settings(tmp_path)
    assert "port" in str(wrong.value)
    place.write_text(json.dumps({"port": 9000, "limits": {"at_once": 5}}))
    assert read_gateway_settings(tmp_path).limits.at_once == 5
