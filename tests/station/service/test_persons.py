"""Login, roles, and who may call what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import StationError, UsageError
from station.records import open_records
from station.service.client import ServiceClient
from station.service.persons import add_person
from station.service.roles import Person
from station.service.sessions import TRIES, WAIT_S, NotLoggedIn, Sessions, Throttle
from tests.station.service import fakes
from tests.station.service.recorded import ADMIN, BADGE, ENGINEER, OPERATOR, people
from tests.station.service.running import running_service, until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("persons")
    with open_records(data) as records:
        people(records)
    return data


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(folder)) as served:
        yield served


@pytest.fixture
def nobody(client: ServiceClient) -> Iterator[ServiceClient]:
    with ServiceClient(client.address) as fresh:
        yield fresh


CALLS: dict[str, tuple[str, str, Any]] = {
    "history": ("engineer", "GET", "/api/history"),
    "compare": ("engineer", "GET", "/api/history/compare?run=none"),
    "events": ("engineer", "GET", "/api/events"),
    "chain": ("engineer", "GET", "/api/events/chain"),
    "statistics": ("engineer", "GET", "/api/stats?since=never"),
    "statistics file": ("engineer", "GET", "/api/stats/nothing.csv"),
    "codes": ("engineer", "GET", "/api/identities"),
    "code": ("nobody", "GET", "/api/identities/B-1"),
    "conflicts": ("nobody", "GET", "/api/identities/conflicts"),
    "put code": ("operator", "POST", "/api/identities"),
    "link": ("operator", "POST", "/api/identities/link"),
    "unlink": ("operator", "POST", "/api/identities/unlink"),
    "recode": ("engineer", "POST", "/api/identities/recode"),
    "correct": ("engineer", "POST", "/api/changes"),
    "changes": ("nobody", "GET", "/api/changes"),
    "queue": ("nobody", "GET", "/api/trace"),
    "put in queue": ("operator", "POST", "/api/trace"),
    "collect": ("operator", "POST", "/api/trace/collect"),
    "write file": ("engineer", "POST", "/api/trace/export"),
    "answer": ("engineer", "POST", "/api/trace/answer"),
    "file": ("engineer", "GET", "/api/trace/batches/none/file"),
    "persons": ("admin", "GET", "/api/persons"),
    "add": ("admin", "POST", "/api/persons"),
    "change": ("admin", "PATCH", "/api/persons/999"),
    "own pin": ("operator", "POST", "/api/me/pin"),
    "names": ("nobody", "GET", "/api/persons/names"),
    "me": ("nobody", "GET", "/api/me"),
    "state": ("nobody", "GET", "/api/state"),
}
RANK = ("nobody", "operator", "engineer", "admin")
LOGINS = {"operator": OPERATOR, "engineer": ENGINEER, "admin": ADMIN}


@pytest.mark.parametrize("role", RANK)
def test_every_call_is_open_to_its_role_and_those_above(nobody: ServiceClient, role: str) -> None:
    if role != "nobody":
        nobody.login(name=LOGINS[role][0], pin=LOGINS[role][1])
    got: dict[str, int] = {}
    wanted: dict[str, bool] = {}
    for call, (needed, method, path) in CALLS.items():
        # An empty body is refused as such (400) where the role would do: nothing is changed by this test.
        answer = nobody._send(method, path, {} if method != "GET" else None)
        got[call] = answer.status_code
        wanted[call] = RANK.index(role) >= RANK.index(needed)
    refused = 401 if role == "nobody" else 403
    assert {call: status != refused for call, status in got.items()} == wanted
    assert all(status in (200, 400, 404, refused) for status in got.values()), got


def test_without_the_services_token_no_role_helps(nobody: ServiceClient) -> None:
    nobody.login(name=ADMIN[0], pin=ADMIN[1])
    del nobody._http.headers["Authorization"]
    assert nobody._send("GET", "/api/persons").status_code == 401


def test_a_badge_opens_however_it_is_scanned(nobody: ServiceClient) -> None:
    for scan in (BADGE, BADGE.lower(), "]C1" + BADGE, "engineer-badge-7", "＃ＩＤ＃ENGINEER-BADGE-7＃"):
        assert nobody.login(badge=scan) == Person(2, ENGINEER[0], "engineer")
    nobody.logout()
    assert nobody.get("/api/me") == {"person": None}


def test_wrong_pins_lock_the_name_and_leave_no_secret_behind(client: ServiceClient, folder: Path) -> None:
    with ServiceClient(client.address) as admin, ServiceClient(client.address) as thief:
        admin.login(name=ADMIN[0], pin=ADMIN[1])
        admin.add_person("Target", "operator", pin="864209")
        tried = ["111222", "333444", "555666"]
        for pin in tried:
            with pytest.raises(StationError) as refused:
                thief.login(name="Target", pin=pin)
            assert refused.value.code == "person.refused"
        with pytest.raises(StationError) as locked:
            thief.login(name="Target", pin="864209")
        assert locked.value.code == "person.locked"
        assert 0 < locked.value.params["wait_s"] <= WAIT_S
        thief.login(name=OPERATOR[0], pin=OPERATOR[1])  # others are not locked out
        # A new PIN opens at once.
        target = next(row for row in admin.persons() if row["name"] == "Target")
        admin.change_person(target["id"], pin="192837")
        thief.login(name="Target", pin="192837")
        events = until(
            lambda: [e for e in admin.get("/api/events", code="person.")["events"] if e["code"] != ""] or None
        )
    codes = [event["code"] for event in events]
    assert codes.count("person.login_refused") == 3
    written = json.dumps(events, ensure_ascii=False)
    everything = written.encode() + b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )
    secrets = [*tried, "864209", "192837", ADMIN[1], "ENGINEER-BADGE-7"]
    assert [secret for secret in secrets if secret.encode() in everything] == []


def test_a_changed_person_is_logged_out_and_the_last_administrator_stays(client: ServiceClient) -> None:
    with ServiceClient(client.address) as admin, ServiceClient(client.address) as other:
        me = admin.login(name=ADMIN[0], pin=ADMIN[1])
        for change in ({"active": False}, {"role": "engineer"}):
            with pytest.raises(UsageError) as kept:
                admin.change_person(me.id, **change)
            assert kept.value.code == "person.last_admin"
        row = admin.add_person("Leaver", "engineer", pin="918273")
        other.login(name="Leaver", pin="918273")
        admin.change_person(row["id"], active=False)
        with pytest.raises(StationError) as over:
            other.get("/api/history")
        assert over.value.code == "person.session"
        with pytest.raises(StationError) as gone:
            other.login(name="Leaver", pin="918273")
        assert gone.value.code == "person.refused"
        assert "Leaver" not in admin.person_names()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "New", "pin": "12345"}, "person.pin_weak"),
        ({"name": "New", "pin": "111111"}, "person.pin_weak"),
        ({"name": "New"}, "person.no_key"),
        ({"name": " ", "pin": "123456"}, "person.name_empty"),
        ({"name": OPERATOR[0], "pin": "123456"}, "person.name_taken"),
        ({"name": "New", "badge": BADGE}, "person.badge_taken"),
        ({"name": "New", "badge": "#1"}, "person.badge_malformed"),
    ],
)
def test_who_is_not_put_on_record(folder: Path, given: dict[str, str], code: str) -> None:
    with open_records(folder) as records, pytest.raises(UsageError) as refused:
        add_person(records, "test", given["name"], "operator", given.get("pin"), given.get("badge"))
    assert refused.value.code == code


def test_sessions_end_when_idle_and_waits_grow() -> None:
    now = [0.0]
    sessions, throttle = Sessions(lambda: now[0], idle_s=60), Throttle(lambda: now[0])
    token = sessions.begin(Person(1, "A", "admin"))
    for _ in range(3):
        now[0] += 59
        assert sessions.person(token).name == "A"
    now[0] += 61
    with pytest.raises(NotLoggedIn):
        sessions.person(token)
    waits = []
    for _ in range(TRIES + 2):
        throttle.wrong("A")
        waits.append(throttle.wait_s("A"))
    assert waits == [0.0] * (TRIES - 1) + [WAIT_S, 2 * WAIT_S, 4 * WAIT_S]
    now[0] += 4 * WAIT_S
    assert throttle.wait_s("A") == 0
