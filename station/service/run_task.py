"""One run from the start of its worker to its verdict."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import psutil

from station.errors import RecordError, StationError
from station.records import Records
from station.records.models import utc_now
from station.service import ended as endings
from station.service.channel_state import WORKER_STATES, ChannelState, resistance_mohm
from station.service.config import ServiceConfig
from station.service.ended import Ended
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.process import LineProcess

log = logging.getLogger(__name__)


class RunTask:
    """Owns the worker and the channel's state while the run lasts."""

    def __init__(
        self,
        facts: RunFacts,
        state: ChannelState,
        *,
        config: ServiceConfig,
        records: Records,
        closer: RunCloser,
        publish: Callable[[dict[str, Any]], None],
    ) -> None:
        self.facts = facts
        self.state = state
        self._config = config
        self._records = records
        self._closer = closer
        self._publish = publish
        self._worker: LineProcess | None = None
        self._stop_asked = False

    async def start(self, job: dict[str, Any]) -> Ended | None:
        """Start the worker and give it the job. Returns how it ended when it could not even start."""
        try:
            self._worker = await LineProcess.start(
                self._config.worker_command, self.facts.run_dir / "worker.log"
            )
        except OSError as error:
            return endings.worker_not_started(error)
        pid, started = self._worker.pid, None
        with contextlib.suppress(psutil.Error):  # it has ended already: found when its output is read
            started = psutil.Process(pid).create_time()
        await self._try_record(
            self._records.update_run, self.facts.run_id, worker_pid=pid, worker_started=started
        )
        await self._worker.send({"job": job})
        if self._stop_asked:
            await self._worker.send({"command": "stop"})
        return None

    async def stop(self) -> None:
        """Ask the worker to stop in order; asking again does no harm."""
        self._stop_asked = True
        if self._worker is not None:
            await self._worker.send({"command": "stop"})

    def let_go(self) -> None:
        """The service leaves: the worker makes its channel safe and ends."""
        if self._worker is not None:
            self._worker.close_stdin()

    async def abandon(self) -> None:
        """The last resort at the service's end: a worker that heeds nothing is killed, and the guard cuts."""
        if self._worker is not None:
            await self._worker.end(0.0)

    async def drive(self, job: dict[str, Any]) -> None:
        """The whole run. Whatever happens, the channel ends in ``verdict`` or in a latched fault."""
        try:
            last_word = await self.start(job) or await self._follow()
            if self._worker is not None:
                await self._worker.end(self._config.patience.worker_exit_s)
            await self._close(last_word)
        except Exception as error:
            log.exception("run %s", self.facts.run_id)
            self._fault(_as_fault(error))
            if self._worker is not None:
                await self._worker.end(self._config.patience.worker_exit_s)

    async def _follow(self) -> Ended:
        """Read the worker's lines to the last."""
        assert self._worker is not None
        silence_s = self._config.patience.silence_s
        while True:
            try:
                message = await self._worker.read(silence_s)
            except TimeoutError:
                await self._worker.end(self._config.patience.worker_exit_s)
                return endings.worker_silent(silence_s)
            if message is None:
                return endings.worker_lost(await self._worker.wait(self._config.patience.worker_exit_s))
            kind = message.get("type")
            if kind == "ended":
                return endings.from_worker(message)
            if kind == "state":
                self._on_state(message)
            elif kind == "samples":
                self._on_samples(message)
            elif kind == "event":
                await self._on_event(message)
            else:
                log.warning("run %s: the worker said something unknown: %.200r", self.facts.run_id, message)

    def _on_state(self, message: dict[str, Any]) -> None:
        if message.get("state") in WORKER_STATES:
            self.state.state = message["state"]
        for field in ("elapsed_s", "remaining_s", "progress"):
            setattr(self.state, field, _number(message.get(field)))
        self._show()

    def _on_samples(self, message: dict[str, Any]) -> None:
        for field in ("voltage_V", "current_A"):
            values = message.get(field)
            if isinstance(values, list) and values:
                setattr(self.state, field, _number(values[-1]))
        self.state.surface_degC = _number(message.get("surface_degC"))
        self._publish({**message, "channel": self.facts.channel})

    async def _on_event(self, message: dict[str, Any]) -> None:
        level = message.get("level") if message.get("level") in ("info", "warning", "alarm") else "warning"
        code, params = str(message.get("code") or "worker.protocol"), message.get("params")
        self._publish({**message, "channel": self.facts.channel})
        await self._try_record(
            self._records.add_event,
            code,
            params if isinstance(params, dict) else {},
            level=level,
            run_id=self.facts.run_id,
            t_s=_number(message.get("t")),
            source="worker",
        )

    async def _close(self, last_word: Ended) -> None:
        state = self.state
        state.state, state.voltage_V, state.current_A = "analysis", None, None
        state.remaining_s = 0.0
        self._show()
        await self._try_record(
            self._records.update_run,
            self.facts.run_id,
            state="analysis",
            outcome=last_word.outcome,
            exit_code=last_word.exit_code,
            error=last_word.fault,
            latched=last_word.fault is not None,
        )
        result = await self._closer.close(self.facts, last_word)
        state.verdict, state.grade, state.soh = result["verdict"], result["grade"], result["soh"]
        state.resistance_mohm = resistance_mohm(result)
        if last_word.fault is not None:
            self._fault(last_word.fault)
        else:
            state.state, state.acknowledged = "verdict", False
            state.fault = _shown(result["error"])
            self._show()
        self._publish(
            {
                "type": "result",
                "channel": self.facts.channel,
                "run_id": self.facts.run_id,
                "result": result,
            }
        )

    def _fault(self, error: dict[str, Any]) -> None:
        self.state.state, self.state.acknowledged = "fault", False
        self.state.fault = _shown(error)
        self._show()

    def _show(self) -> None:
        self._publish({"type": "channel", "channel": self.facts.channel, "state": self.state.as_dict()})

    async def _try_record(self, write: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Records that fail never end a running test: its journal is complete, and the end says it again."""
        try:
            await in_thread(write, *args, **kwargs)
        except RecordError as error:
            log.error("run %s at %s: %s", self.facts.run_id, utc_now(), error)


def _shown(error: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a tile says of an error."""
    return error and {key: error[key] for key in ("code", "message", "remedy", "params")}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _as_fault(error: Exception) -> dict[str, Any]:
    if isinstance(error, StationError):
        return error.as_dict()
    return StationError(
        f"the service failed while it looked after this run: {error!r}",
        remedy="check that the channel's output is off; report this with service.log",
        code="service.internal",
        reason=repr(error),
    ).as_dict()
