"""One test from start to verdict, for the command line and for scripts."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from station.errors import ExitCode, StationError
from station.service.client import RunRequest, ServiceClient

OnUpdate = Callable[[dict[str, Any]], None]
POLL_S = 1.0
GONE_S = 10.0
"""A service that has not answered for so long is gone; its worker makes the channel safe by itself."""
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
_ENDED = ("ended", "interrupted")


def run_to_end(
    client: ServiceClient, request: RunRequest, on_update: OnUpdate | None = None
) -> dict[str, Any]:
    """Start a test and follow it to its result object, with run_id, files, events and exit_code.

    ``on_update`` gets the channel's state, with ``channel``, whenever it changes. Ctrl-C asks for an
    ordered stop and waits until the channel is safe; the exit code is then 130.
    Raises the station's errors when the test cannot start or the service is gone.
    """
    run_id, interrupted = _start(client, request)
    return follow_run(client, request.channel, run_id, on_update, interrupted=interrupted)


def follow_run(
    client: ServiceClient,
    channel: str,
    run_id: str,
    on_update: OnUpdate | None = None,
    *,
    interrupted: bool = False,
) -> dict[str, Any]:
    """Follow a run that is going on, started or resumed, to its result object, as ``run_to_end`` does.

    ``interrupted``: Ctrl-C came already, and the stop is on its way.
    """
    following = _Following(client, channel, run_id, on_update or (lambda _state: None))
    while True:
        try:
            with client.live() as live:
                while not following.ended:
                    following.take(live.wait(POLL_S))
            break
        except KeyboardInterrupt:
            # A second Ctrl-C changes nothing: the stop is on its way, and leaving now would only hide it.
            if not interrupted:
                interrupted = True
                client.stop(channel)
    result = following.result(client)
    if interrupted:
        result["interrupted"], result["exit_code"] = True, INTERRUPTED
    return result


def _start(client: ServiceClient, request: RunRequest) -> tuple[str, bool]:
    """Start in a thread: a Ctrl-C in the very moment of the start must not lose the run it has started."""
    with ThreadPoolExecutor(1, "start") as starter:
        started = starter.submit(client.start_run, request)
        try:
            return started.result(), False
        except KeyboardInterrupt:
            run_id = started.result()
            client.stop(request.channel)
            return run_id, True


class _Following:
    """What is known of the run so far."""

    def __init__(self, client: ServiceClient, channel: str, run_id: str, on_update: OnUpdate) -> None:
        self._client = client
        self._channel, self._run_id = channel, run_id
        self._on_update = on_update
        self._state: dict[str, Any] = {}
        self._next_poll = time.monotonic() + POLL_S
        self._heard = time.monotonic()
        self.ended = False

    def take(self, messages: list[dict[str, Any]]) -> None:
        """Use live messages; now and then ask the records, which know it even if the line was lost."""
        for message in messages:
            self._heard = time.monotonic()
            if message["type"] == "state":
                self._update(message["channels"].get(self._channel, {}))
            elif message.get("channel") != self._channel:
                continue
            elif message["type"] == "channel":
                self._update(message["state"])
            elif message["type"] == "samples" and self._state:
                self._update({**self._state, **_newest(message)})
            elif message["type"] == "result" and message["run_id"] == self._run_id:
                self.ended = True
        if not self.ended and time.monotonic() >= self._next_poll:
            self._next_poll = time.monotonic() + POLL_S
            self._poll()

    def _poll(self) -> None:
        try:
            row = self._client.run(self._run_id)
        except StationError as error:
            if error.code == "service.unreachable" and time.monotonic() - self._heard < GONE_S:
                return
            raise
        self._heard = time.monotonic()
        if row["state"] in _ENDED:
            self.ended = True
        elif self._state.get("state") == "fault" and not self._state.get("closing"):
            # The channel has given up but the record could not be closed: say that, do not wait for ever.
            fault = self._state["fault"]
            raise StationError(
                fault["message"], remedy=fault["remedy"], code=fault["code"], **fault["params"]
            )

    def _update(self, state: dict[str, Any]) -> None:
        if state.get("run_id") == self._run_id:
            self._state = state
            self._on_update({"channel": self._channel, **state})

    def result(self, client: ServiceClient) -> dict[str, Any]:
        """The result object of the ended run."""
        row = client.run(self._run_id)
        result: dict[str, Any] = row["result"] or {
            "run_id": self._run_id,
            "verdict": "no_verdict",
            "error": row["error"],
            "exit_code": row["exit_code"] if row["exit_code"] is not None else ExitCode.INTERNAL,
        }
        result["files"] = [
            {key: file[key] for key in ("path", "kind", "sha256", "bytes")} for file in row["files"]
        ]
        return result


def _newest(message: dict[str, Any]) -> dict[str, Any]:
    newest = {field: message[field][-1] for field in ("voltage_V", "current_A") if message.get(field)}
    return {**newest, "surface_degC": message.get("surface_degC")}
