"""The service's clients: ``ServiceClient`` asks, ``LiveClient`` listens.

The window and the command line use these and nothing else of the station's lower floors.
The HTTP library is imported with the first client, so that importing this module costs nothing.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from station.service.http_library import light_httpx
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
        import ssl

        library = light_httpx()
        self.address = address
        self.person: Person | None = None
        """Who is logged in on this client; their session goes with every call."""
        self._session: str | None = None
        self._data, self._bench_name = data, bench
        # The loopback is never reached through a proxy, whatever the environment says.
        self._http: httpx.Client = library.Client(
            base_url=f"http://{address.host}:{address.port}",
            headers={"Authorization": f"Bearer {address.token}"},
            timeout=timeout_s,
            trust_env=False,
            # No TLS on the loopback: reading the system's certificates would cost every start 40 ms.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
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
        return self._body(self._send("GET", path, query=asked or None))

    def content(self, path: str, **query: Any) -> bytes:
        """``GET path`` of something that is no JSON."""
        answer = self._send("GET", path, query=query or None)
        if not answer.is_success:
            self._body(answer)
        return answer.content

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """``POST path``; ``timeout_s`` for what takes longer than usual."""
        return self._body(self._send("POST", path, body, timeout_s=timeout_s))

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

    def answer(self, channel: str, prompt: int, value: float | None = None) -> None:
        """Answer the question ``prompt`` that a channel's test asks."""
        path = f"/api/channels/{quote(channel, safe='')}/answer"
        self._post(path, {"prompt": prompt, "value": value, "who": _who() or ""})

    def resume_run(self, run_id: str) -> None:
        """Let an interrupted run go on at its next step; all checks come first."""
        self._post(f"/api/runs/{quote(run_id, safe='')}/resume", {"who": _who()})

    def close_run(self, run_id: str) -> None:
        """End an interrupted run for good, without a verdict."""
        self._post(f"/api/runs/{quote(run_id, safe='')}/close", {"who": _who()})

    def acknowledge(self, channel: str) -> None:
        """A person has seen the channel's fault or verdict; an interrupted run is closed by it."""
        self._post(f"/api/channels/{quote(channel, safe='')}/acknowledge", {"who": _who()})

    def alarms(self) -> list[dict[str, Any]]:
        """The alarm list, most urgent first, each with its words in every language."""
        rows: list[dict[str, Any]] = self._get("/api/alarms")["alarms"]
        return rows

    def acknowledge_alarm(self, number: int) -> int:
        """Somebody has seen this alarm and what is folded under it. Returns how many were waiting."""
        return int(self._post(f"/api/alarms/{number}/acknowledge", {"who": _who()})["acknowledged"])

    def acknowledge_alarms(self, channel: str | None) -> int:
        """The same for all of a channel, or of the bench as a whole (None)."""
        answer = self._post("/api/alarms/acknowledge", {"channel": channel, "who": _who()})
        return int(answer["acknowledged"])

    def shelve_alarm(self, number: int, duration_s: float, reason: str) -> dict[str, Any]:
        """Put an alarm aside for a time; an engineer must be logged in."""
        body = {"duration_s": duration_s, "reason": reason}
        row: dict[str, Any] = self._post(f"/api/alarms/{number}/shelve", body)["alarm"]
        return row

    def unshelve_alarm(self, number: int) -> dict[str, Any]:
        """Take it back before its time; an engineer must be logged in."""
        row: dict[str, Any] = self._post(f"/api/alarms/{number}/unshelve")["alarm"]
        return row

    def connection(self, channel: str) -> dict[str, Any]:
        """The checklist of this channel, what is answered, and what the leads show while somebody looks."""
        return self._get(f"/api/channels/{quote(channel, safe='')}/connection")

    def answer_connection(
        self,
        channel: str,
        battery: str,
        answers: dict[str, str] | None = None,
        *,
        notes: dict[str, str] | None = None,
        confirmed: bool = False,
    ) -> dict[str, Any]:
        """Say what was found of the battery on this channel. Returns the form as it is now."""
        body = {
            "battery": battery, "answers": answers or {}, "notes": notes or {}, "confirmed": confirmed,
            "who": _who(),
        }  # fmt: skip
        return self._post(f"/api/channels/{quote(channel, safe='')}/connection", body)

    def photos(self, channel: str) -> list[dict[str, Any]]:
        """The bench's camera if it is there, then the newest photos in the watched folder."""
        rows: list[dict[str, Any]] = self._get(f"/api/channels/{quote(channel, safe='')}/photos")["newest"]
        return rows

    def attach_photo(self, channel: str, battery: str, path: str) -> dict[str, Any]:
        """Attach a photo on this computer. Returns the form as it is now."""
        body = {"battery": battery, "path": path}
        return self._post(f"/api/channels/{quote(channel, safe='')}/photos", body)

    def look(self, channel: str, chemistry: str | None = None) -> None:
        """See what hangs on the leads for a while; nothing is switched on. Ask again to go on."""
        self._post(f"/api/channels/{quote(channel, safe='')}/look", {"chemistry": chemistry})

    def look_stop(self, channel: str) -> None:
        """No more looking: the instruments are free when this returns."""
        self._post(f"/api/channels/{quote(channel, safe='')}/look/stop")

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

    def run_curve(
        self,
        run_id: str,
        *,
        begin_s: float | None = None,
        end_s: float | None = None,
        buckets: int = 1000,
        quantities: Sequence[str] = ("voltage_V", "current_A"),
    ) -> dict[str, Any]:
        """A recorded run between two times, ready to draw: ``begin_s``, ``end_s``, ``curves``.

        ``curves`` has for each of ``voltage_V``, ``current_A``, ``surface_degC`` that was asked for the width
        of its buckets, and ``t`` and ``v`` with four points for each; None breaks the line.
        """
        query = {"begin_s": begin_s, "end_s": end_s, "buckets": buckets, "quantities": ",".join(quantities)}
        said = urlencode({key: value for key, value in query.items() if value is not None})
        return self._get(f"/api/runs/{quote(run_id, safe='')}/curve?{said}")

    def printers(self) -> list[dict[str, Any]]:
        """The bench's label printers with their states, asked now (``id, name, state, detail, remedy``)."""
        rows: list[dict[str, Any]] = self._get("/api/printers")["printers"]
        return rows

    def print_label(self, *, run_id: str | None = None, channel: str | None = None) -> dict[str, Any]:
        """Print the label of a run, or of a channel's newest run; again, if it was printed before."""
        return self._post("/api/papers/label", {"run_id": run_id, "channel": channel})

    def own_id(self, *, print_it: bool = True, channel: str | None = None) -> dict[str, Any]:
        """A new code for a battery without one; printed first unless told otherwise. Gives ``code``."""
        return self._post("/api/papers/own-id", {"print": print_it, "channel": channel})

    def label_png(self, run_id: str) -> bytes:
        """The label of a run, dot by dot as the printer gets it."""
        return self.content(f"/api/runs/{quote(run_id, safe='')}/label.png")

    def paper(self, run_id: str, kind: str, lang: str) -> bytes:
        """A PDF of a run: ``report`` or ``certificate`` in ``zh`` or ``en``."""
        return self.content(f"/api/runs/{quote(run_id, safe='')}/{quote(kind, safe='')}.pdf?lang={lang}")

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
        timeout_s: float | None = None,
    ) -> httpx.Response:
        library = light_httpx()
        session = session or self._session
        headers = {"X-Person": session} if session else {}
        patience = library.USE_CLIENT_DEFAULT if timeout_s is None else timeout_s
        try:
            answer: httpx.Response = self._http.request(
                method, path, json=body, params=query, headers=headers, timeout=patience
            )
        except library.HTTPError as error:
            raise unreachable(str(error) or type(error).__name__) from error
        return answer

    @staticmethod
    def _body(answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not answer.is_success or not isinstance(body, dict):
            raise remote_error(body, answer.status_code)
        return body
