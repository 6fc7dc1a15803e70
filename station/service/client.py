"""The service's clients: ``ServiceClient`` asks, ``LiveClient`` listens.

The window and the command line use these and nothing else of the station's lower floors.
The HTTP library is imported with the first client, so that importing this module costs nothing.
"""

from __future__ import annotations

import getpass
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from station.service.live_client import LiveClient
from station.service.paths import ServiceAddress, ServicePaths, read_address
from station.service.remote_errors import remote_error, unreachable
from station.service.roles import Person, Role

if TYPE_CHECKING:
    import httpx

__all__ = [
    "LiveClient", "Person", "Role", "RunRequest", "ServiceAddress", "ServiceClient", "find_address",
]  # fmt: skip

TIMEOUT_S = 15.0
"""The service may wait for its guard before it answers a start."""


@dataclass(frozen=True)
class RunRequest:
    """What a test needs. ``nominal_capacity_Ah`` is that of one series group; None: as on record.

    ``intake`` is what is known of the battery's past (docs/history.md).
    """

    channel: str
    profile: str
    battery: str
    nominal_capacity_Ah: float | None = None
    chemistry: str | None = None
    intake: dict[str, Any] | None = None


def _who() -> str | None:
    """Who sits at this computer, as it knows them."""
    try:
        return getpass.getuser()[:64]
    except (OSError, KeyError, ImportError):  # no such user on this system
        return None


def find_address(data: Path, bench: str) -> ServiceAddress | None:
    """Where the service of ``bench`` says it is; it may be gone by now."""
    return read_address(ServicePaths(data, bench).address)


class ServiceClient:
    """Calls of the API. Every method raises the station's own errors. Safe to use from several threads."""

    def __init__(
        self,
        address: ServiceAddress,
        *,
        data: Path | None = None,
        bench: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        import httpx

        self.address = address
        self.person: Person | None = None
        """Who is logged in on this client; their session goes with every call."""
        self._session: str | None = None
        self._data, self._bench_name = data, bench
        # The loopback is never reached through a proxy, whatever the environment says.
        self._http = httpx.Client(
            base_url=f"http://{address.host}:{address.port}",
            headers={"Authorization": f"Bearer {address.token}"},
            timeout=timeout_s,
            trust_env=False,
        )

    def __enter__(self) -> ServiceClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. The service goes on."""
        self._http.close()

    def follow(self, other: ServiceClient) -> None:
        """Go on as ``other``, which reaches the service at its new address; nobody is logged in there."""
        old, self._http = self._http, other._http
        self.address, self._session, self.person = other.address, None, None
        old.close()

    # People

    def login(self, *, badge: str | None = None, name: str | None = None, pin: str | None = None) -> Person:
        """Log in by badge, or by name and PIN; every later call is made as this person."""
        asked = {"badge": badge} if badge is not None else {"name": name, "pin": pin}
        answer = self._post("/api/login", asked)
        self._session = str(answer["session"])
        self.person = Person(**answer["person"])
        return self.person

    def logout(self) -> None:
        """End the session; later calls are made as nobody."""
        session, self._session, self.person = self._session, None, None
        if session is not None:
            self._body(self._send("POST", "/api/logout", session=session))

    def person_names(self) -> list[str]:
        """Who may log in by name and PIN; empty while nobody is on record."""
        return list(self._get("/api/persons/names")["names"])

    def persons(self) -> list[dict[str, Any]]:
        """Everybody on record (administrator)."""
        return list(self._get("/api/persons")["persons"])

    def add_person(
        self, name: str, role: Role, *, pin: str | None = None, badge: str | None = None
    ) -> dict[str, Any]:
        """Put somebody on record (administrator)."""
        return self._post("/api/persons", {"name": name, "role": role, "pin": pin, "badge": badge})

    def change_person(self, person_id: int, **wanted: Any) -> dict[str, Any]:
        """Change ``role``, ``active``, ``pin`` or ``badge`` (administrator)."""
        return self._body(self._send("PATCH", f"/api/persons/{person_id}", wanted))

    def change_own_pin(self, old: str, new: str) -> None:
        """A new PIN for who is logged in; all their sessions end."""
        self._post("/api/me/pin", {"old": old, "new": new})

    # Any route, for parts that bring their own

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """``GET path`` with the query parameters that are not None."""
        asked = {key: value for key, value in query.items() if value is not None}
        return self._body(self._send("GET", path, query=asked))

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """``POST path``."""
        return self._post(path, body)

    # Bench and tests

    def bench(self) -> dict[str, Any]:
        """The bench, its channels, its profiles."""
        return self._get("/api/bench")

    def state(self) -> dict[str, Any]:
        """All channels, the guard, the service."""
        return self._get("/api/state")

    def start_run(self, request: RunRequest) -> str:
        """Start a test. Returns its run id."""
        return str(self._post("/api/runs", asdict(request))["run_id"])

    def stop(self, channel: str, *, force: bool = False) -> None:
        """Ask for an ordered stop of one channel; ``force``: cut by the guard and end its worker."""
        self._post(f"/api/channels/{quote(channel, safe='')}/stop", {"force": force})

    def stop_all(self, *, force: bool = False) -> None:
        """Ask for an ordered stop of every channel."""
        self._post("/api/stop", {"force": force})

    def pause(self, channel: str) -> None:
        """Ask for a pause at the next place where one is possible: output off until it goes on."""
        self._post(f"/api/channels/{quote(channel, safe='')}/pause")

    def resume(self, channel: str) -> None:
        """Let a paused test, or the channel's interrupted one, go on once its checks have passed again."""
        self._post(f"/api/channels/{quote(channel, safe='')}/resume")

    def skip(self, channel: str) -> None:
        """Ask to leave out the rest of the present step."""
        self._post(f"/api/channels/{quote(channel, safe='')}/skip")

    def resume_run(self, run_id: str) -> None:
        """Let an interrupted run go on at its next step; all checks come first."""
        self._post(f"/api/runs/{quote(run_id, safe='')}/resume", {"who": _who()})

    def close_run(self, run_id: str) -> None:
        """End an interrupted run for good, without a verdict."""
        self._post(f"/api/runs/{quote(run_id, safe='')}/close", {"who": _who()})

    def acknowledge(self, channel: str) -> None:
        """A person has seen the channel's fault or verdict; an interrupted run is closed by it."""
        self._post(f"/api/channels/{quote(channel, safe='')}/acknowledge", {"who": _who()})

    def battery(self, code: str) -> dict[str, Any] | None:
        """What is on record of a battery, with its runs; None when there is nothing."""
        answer = self._send("GET", f"/api/batteries/{quote(code, safe='')}")
        return None if answer.status_code == 404 else self._body(answer)

    def runs(self, limit: int = 50, state: str | None = None) -> list[dict[str, Any]]:
        """The newest runs on record; ``state`` (``interrupted`` …) leaves only those in it."""
        only = "" if state is None else f"&state={state}"
        rows: list[dict[str, Any]] = self._get(f"/api/runs?limit={limit}{only}")["runs"]
        return rows

    def run(self, run_id: str) -> dict[str, Any]:
        """A run on record with ``result``, ``events``, ``files``."""
        return self._get(f"/api/runs/{quote(run_id, safe='')}")

    def shutdown(self) -> None:
        """Ask the service to stop all tests in order and end."""
        self._post("/api/shutdown")

    def live(self) -> LiveClient:
        """A listener on this service; it follows the service to a new address after a restart."""
        return LiveClient(self._newest_address)

    def _newest_address(self) -> ServiceAddress:
        if self._data is None:
            return self.address
        return find_address(self._data, self._bench_name) or self.address

    def _get(self, path: str) -> dict[str, Any]:
        return self._body(self._send("GET", path))

    def _post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._body(self._send("POST", path, body))

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        query: dict[str, Any] | None = None,
        session: str | None = None,
    ) -> httpx.Response:
        import httpx

        session = session or self._session
        headers = {"X-Person": session} if session else {}
        try:
            return self._http.request(method, path, json=body, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__) from error

    @staticmethod
    def _body(answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not answer.is_success or not isinstance(body, dict):
            raise remote_error(body, answer.status_code)
        return body
