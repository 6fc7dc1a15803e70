"""Every call of the service against every role; a call that is not in the table fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from fastapi.routing import APIRoute

from station.records import open_records
from station.service.api import make_api
from station.service.client import ServiceClient
from tests.station.service import fakes
from tests.station.service.recorded import ADMIN, ENGINEER, OPERATOR, people
from tests.station.service.running import running_service

# Whoever works at the bench, with its token: the window without a login, the command line, the gateway.
BENCH = """
GET  /api/bench
GET  /api/state
GET  /api/runs
GET  /api/runs/{run_id}
GET  /api/runs/{run_id}/curve
GET  /api/runs/{run_id}/export
GET  /api/runs/{run_id}/signed
GET  /api/runs/{run_id}/label.png
GET  /api/runs/{run_id}/{kind}.pdf
GET  /api/batteries/{code:path}
GET  /api/identities/{code:path}
GET  /api/identities/conflicts
GET  /api/changes
GET  /api/records/key
GET  /api/trace
GET  /api/alarms
GET  /api/channels/{channel}/connection
GET  /api/channels/{channel}/photos
GET  /api/models
GET  /api/models/{model}/card
GET  /api/printers
GET  /api/profiles
GET  /api/profiles/{name}
GET  /api/rules
GET  /api/rules/{kind}
GET  /api/setup
GET  /api/setup/in-use
GET  /api/calibration
GET  /api/me
GET  /api/persons/names
GET  /api/training
GET  /api/training/missions
GET  /api/training/sheets
GET  /api/training/sheets/{trainee}
POST /api/runs
POST /api/runs/{run_id}/resume
POST /api/runs/{run_id}/close
POST /api/channels/{channel}/stop
POST /api/channels/{channel}/acknowledge
POST /api/channels/{channel}/answer
POST /api/channels/{channel}/{word}
POST /api/channels/{channel}/connection
POST /api/channels/{channel}/photos
POST /api/channels/{channel}/look
POST /api/channels/{channel}/look/stop
POST /api/stop
POST /api/shutdown
POST /api/alarms/acknowledge
POST /api/alarms/{number}/acknowledge
POST /api/papers/label
POST /api/papers/own-id
POST /api/profiles/check
POST /api/profiles/diff
POST /api/rules/try
POST /api/rules/{kind}/check
POST /api/setup/check
POST /api/training
POST /api/training/say
POST /api/training/end
POST /api/login
POST /api/logout
"""
PERSON = """
POST  /api/me/pin
POST  /api/identities
POST  /api/identities/link
POST  /api/identities/unlink
POST  /api/trace
POST  /api/trace/collect
"""
ENGINEERS = """
GET  /api/history
GET  /api/history/compare
GET  /api/events
GET  /api/events/chain
GET  /api/records/verify
POST /api/identities/recode
POST /api/changes
POST /api/alarms/{number}/shelve
POST /api/alarms/{number}/unshelve
POST /api/models/compare
POST /api/models/adopt
POST /api/models/back
POST /api/profiles
POST /api/rules/{kind}/use
POST /api/rules/{kind}
POST /api/setup/ask
POST /api/setup/discover
POST /api/setup/file
POST /api/calibration
GET  /api/stats
GET  /api/stats/{question}.csv
GET  /api/identities
POST /api/trace/export
POST /api/trace/answer
GET  /api/trace/batches/{batch}/file
"""
ADMINS = """
GET   /api/persons
POST  /api/persons
PATCH /api/persons/{person_id}
"""
RANK = ("nobody", "operator", "engineer", "admin")
CALLS: dict[tuple[str, str], str] = {
    (method, path): needed
    for needed, calls in zip(RANK, (BENCH, PERSON, ENGINEERS, ADMINS), strict=True)
    for method, path in (line.split() for line in calls.split("\n") if line)
}
_VALUES = {
    "run_id": "none", "code:path": "none", "channel": "none", "model": "none", "name": "none", "kind": "none",
    "number": "999", "person_id": "999", "trainee": "none", "word": "skip", "question": "none",
    "batch": "none",
}  # fmt: skip
_NOT_DONE_HERE = {
    ("POST", "/api/shutdown"),
    ("POST", "/api/logout"),
    ("POST", "/api/setup/ask"),
    ("POST", "/api/setup/discover"),
}
"""They end something, or look for instruments in the whole network: only who may not asks for them here."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceClient]:
    data: Path = tmp_path_factory.mktemp("calls")
    with open_records(data) as records:
        people(records)
    with running_service(fakes.config(data)) as served:
        yield served


def test_the_table_has_every_call() -> None:
    app = make_api(MagicMock(), "token", lambda: None)
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert {(method, route.path) for route in routes for method in route.methods} == set(CALLS)
    assert [route.path for route in app.routes if route not in routes] == ["/api/live"]


def status(asking: ServiceClient, call: tuple[str, str]) -> int:
    """With an empty body: where a role would do, the call is refused as such and changes nothing."""
    method, path = call
    for name, value in _VALUES.items():
        path = path.replace(f"{{{name}}}", value)
    return int(asking._send(method, path, None if method == "GET" else {}).status_code)


def test_without_the_services_token_no_call_is_answered(client: ServiceClient) -> None:
    with ServiceClient(client.address) as asking:
        asking.login(name=ADMIN[0], pin=ADMIN[1])
        del asking._http.headers["Authorization"]
        assert {call: status(asking, call) for call in CALLS} == dict.fromkeys(CALLS, 401)


@pytest.mark.parametrize("role", RANK)
def test_every_call_is_open_to_its_role_and_those_above_only(client: ServiceClient, role: str) -> None:
    logins = {"operator": OPERATOR, "engineer": ENGINEER, "admin": ADMIN}
    with ServiceClient(client.address) as asking:
        if role != "nobody":
            asking.login(name=logins[role][0], pin=logins[role][1])
        got, wanted = {}, {}
        for call, needed in CALLS.items():
            may = RANK.index(role) >= RANK.index(needed)
            if may and call in _NOT_DONE_HERE:
                continue
            got[call] = status(asking, call) in (401, 403)
            wanted[call] = not may
    assert got == wanted
    assert client.state()["channels"]["1"]["state"] == "idle", "and nothing has started"
