"""The window's backend on the real service: the station's own client behind the window's contract."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from station.errors import StationError
from station.service.client import RunRequest, ServiceClient
from station.service.launcher import ensure_service
from station.ui.backend import Backend, Message

WAIT_S: Final = 0.25
CONNECT_S: Final = 10.0


def data_folder(given: Path | None) -> Path:
    """The option, ``STATION_DATA``, or the user's data folder."""
    if given is not None:
        return given.expanduser().resolve()
    if os.environ.get("STATION_DATA"):
        return Path(os.environ["STATION_DATA"]).expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("pulse-station", appauthor=False)


def connector(bench: str, data: Path | None) -> Callable[[], Backend]:
    """Finds the bench's service, or starts it. Each call blocks until it answers or raises StationError."""
    folder = data_folder(data)
    return lambda: ServiceBackend(ensure_service(bench, folder))


def engineer_client(bench: str, data: Path | None) -> Callable[[], ServiceClient]:
    """The same for the engineer pages, which have a connection and a session of their own."""
    folder = data_folder(data)
    return lambda: ensure_service(bench, folder)


class ServiceBackend:
    """One connection to a running service; lost is lost, the link makes a new one."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    @property
    def service(self) -> ServiceClient:
        """The service's own client, for errands that are no test's."""
        return self._client

    def bench(self) -> Message:
        """``GET /api/bench``."""
        return self._client.bench()

    def state(self) -> Message:
        """``GET /api/state``."""
        return self._client.state()

    def live(self, stop: threading.Event) -> Iterator[Message | None]:
        """The live stream until it breaks. Raises StationError then, so that the page says so at once."""
        deadline = time.monotonic() + CONNECT_S
        with self._client.live() as line:
            connected = False
            while not stop.is_set():
                messages = line.wait(WAIT_S)
                yield from messages
                if not messages:
                    yield None
                # A line that came back by itself began with a new state; one that is down says so.
                connected = connected or line.connection == "connected"
                if (connected and line.connection == "lost") or (
                    not connected and time.monotonic() > deadline
                ):
                    raise StationError(
                        "the live connection to the service is lost",
                        code="service.unreachable",
                        reason="live",
                    )

    def start(
        self,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None,
        chemistry: str | None,
    ) -> str:
        """``POST /api/runs``."""
        return self._client.start_run(RunRequest(channel, profile, battery, nominal_capacity_Ah, chemistry))

    def stop(self, channel: str) -> None:
        """``POST /api/channels/{id}/stop``."""
        self._client.stop(channel)

    def stop_all(self) -> None:
        """``POST /api/stop``."""
        self._client.stop_all()

    def force(self, channel: str) -> None:
        """``POST /api/channels/{id}/stop`` with ``force``."""
        self._client.stop(channel, force=True)

    def pause(self, channel: str) -> None:
        """``POST /api/channels/{id}/pause``."""
        self._client.pause(channel)

    def resume(self, channel: str) -> None:
        """``POST /api/channels/{id}/resume``."""
        self._client.resume(channel)

    def skip(self, channel: str) -> None:
        """``POST /api/channels/{id}/skip``."""
        self._client.skip(channel)

    def acknowledge(self, channel: str) -> None:
        """``POST /api/channels/{id}/acknowledge``."""
        self._client.acknowledge(channel)

    def battery(self, code: str) -> Message | None:
        """``GET /api/batteries/{code}``."""
        return self._client.battery(code)

    def run(self, run_id: str) -> Message:
        """``GET /api/runs/{run_id}``."""
        return self._client.run(run_id)

    def own_id(self) -> Message | str:
        """A code for a battery without one, printed first where the bench has a printer."""
        return self._client.own_id()

    def print_label(self, run_id: str) -> Message | None:
        """Print the label of a run, again if it was printed before."""
        return self._client.print_label(run_id=run_id)

    def close(self) -> None:
        """Close the connections; the service and its tests go on."""
        self._client.close()
