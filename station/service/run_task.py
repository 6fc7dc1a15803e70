"""One run from the start of its worker to its verdict."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

from station.errors import StationError
from station.lifecycle import Event
from station.records.models import utc_now
from station.service import ended as endings
from station.service.channel_state import WORKER_SAYS, ChannelState, resistance_mohm
from station.service.config import ServiceConfig
from station.service.curves import Curves, recorded
from station.service.ended import Ended
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.interrupted import JOURNAL, may_go_on
from station.service.keeper import Keeper
from station.service.process import LineProcess
from station.service.told import STOPPABLE, events_of_end, events_to

log = logging.getLogger(__name__)

Cut = Callable[[str, str], Awaitable[dict[str, Any] | None]]
"""Asks the guard to cut a channel, and why."""

Answer = Callable[..., Awaitable[dict[str, Any]]]
"""From a run's folder and a worker's question to the worker's next command."""


class RunTask:
    """Owns the worker and moves the channel's state while the run lasts. ``show`` tells of a new state."""

    def __init__(
        self,
        facts: RunFacts,
        state: ChannelState,
        *,
        config: ServiceConfig,
        keeper: Keeper,
        closer: RunCloser,
        publish: Callable[[dict[str, Any]], None],
        curves: Curves,
        show: Callable[[ChannelState], None],
        cut: Cut | None,
        answer: Answer,
    ) -> None:
        self.facts = facts
        self.state = state
        self.closed = asyncio.Event()
        self._config = config
        self._keeper = keeper
        self._closer = closer
        self._publish = publish
        self._curves = curves
        self._show_state = show
        self._cut = cut
        self._answer = answer
        self._answering: asyncio.Task[None] | None = None
        self._worker: LineProcess | None = None
        self._stop_asked = False
        self._escalation: asyncio.Task[None] | None = None
        self._forcing: Ended | None = None

    # Asking

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
        self._keeper.put(
            self._keeper.records.update_run, self.facts.run_id, worker_pid=pid, worker_started=started
        )
        await self._worker.send({"job": job})
        if self._stop_asked:
            await self._worker.send({"command": "stop"})
        return None

    async def command(self, word: str) -> None:
        """Pass ``pause``, ``resume`` or ``skip`` on to the worker, whose states tell what came of it."""
        if self._worker is not None:
            await self._worker.send({"command": word})

    async def answer(self, prompt: int, value: float | None, by: str) -> None:
        """Pass the operator's answer on; the worker tells whether it can be taken."""
        if self._worker is not None:
            await self._worker.send({"command": "answer", "prompt": prompt, "value": value, "by": by})

    async def stop(self, *, escalate: bool = True) -> None:
        """Ask the worker to stop in order; asking again does no harm.

        With ``escalate`` a worker that is not safe in ``Patience.polite_stop_s`` is forced.
        """
        self._stop_asked = True
        if escalate and self._escalation is None:
            self._escalation = asyncio.create_task(self._force_later(), name=f"stop {self.facts.run_id}")
        if self._worker is not None:
            await self._worker.send({"command": "stop"})

    async def force(self, why: str, waited_s: float = 0.0) -> None:
        """Cut by the guard, then end the worker: it has a moment to make its channel safe, then is killed."""
        if self._forcing is not None or self.state.state not in STOPPABLE:
            return
        self._stop_asked = True
        channel, run_id = self.facts.channel, self.facts.run_id
        self._forcing = endings.forced(why, waited_s, None, guarded=self._cut is not None)
        self._event(endings.FORCED, {"why": why, "waited_s": waited_s}, level="alarm")
        answer = await self._cut(channel, why) if self._cut is not None else None
        self._forcing = endings.forced(why, waited_s, answer, guarded=self._cut is not None)
        if self._cut is not None:
            params = {"channel": channel, **(answer or {"ok": None, "code": "guard.absent"})}
            self._event("guard.cut", params, level="alarm")
        log.warning("run %s is forced: %s, guard: %s", run_id, why, answer)
        # Where nothing else has cut the current, the worker's own shutdown is the only one there is.
        patience = self._config.patience
        cut = self._forcing.safe["cutoff_open"] is True
        if self._worker is not None:
            await self._worker.end(patience.forced_exit_s if cut else patience.worker_exit_s)

    async def _force_later(self) -> None:
        patience_s = self._config.patience.polite_stop_s
        await asyncio.sleep(patience_s)
        await self.force("no answer to the stop", patience_s)

    def let_go(self) -> None:
        """The service leaves: the worker makes its channel safe and ends."""
        if self._worker is not None:
            self._worker.close_stdin()

    async def abandon(self) -> None:
        """The last resort at the service's end: a worker that heeds nothing is killed, and the guard cuts."""
        if self._worker is not None:
            await self._worker.end(0.0)

    # Following

    async def drive(self, job: dict[str, Any]) -> None:
        """The whole run. Whatever happens, the channel ends in ``verdict`` or in a latched fault."""
        try:
            if self._curves.begin(self.facts.channel, self.facts.run_id) and job.get("resume"):
                # What an earlier service has seen of it; memory begins anew with each.
                earlier = await in_thread(recorded, self.facts.run_dir / JOURNAL)
                self._curves.add(self.facts.channel, *earlier)
            last_word = await self.start(job) or await self._follow()
            if self._worker is not None:
                await self._worker.end(self._config.patience.worker_exit_s)
            await self._close(last_word)
        except Exception as error:
            log.exception("run %s", self.facts.run_id)
            self._fault(_as_fault(error))
            if self._worker is not None:
                await self._worker.end(self._config.patience.worker_exit_s)
        finally:
            self.state.question = None
            if self.state.closing:
                self.state.closing = False
                self._show()
            self.closed.set()
            for task in (self._escalation, self._answering):
                if task is not None:
                    task.cancel()

    async def _follow(self) -> Ended:
        """Read the worker's lines to the last."""
        assert self._worker is not None
        silence_s = self._config.patience.silence_s
        while True:
            try:
                message = await self._worker.read(silence_s)
            except TimeoutError:
                await self._worker.end(self._config.patience.worker_exit_s)
                return self._forcing or endings.worker_silent(silence_s)
            if message is None:
                status = await self._worker.wait(self._config.patience.worker_exit_s)
                return self._forcing or endings.worker_lost(status)
            kind = message.get("type")
            if kind == "ended":
                return endings.from_worker(message)
            if kind == "state":
                if not self._on_state(message):
                    self._worker.close_stdin()
                    return endings.impossible_state(message.get("state"), self.state.state)
            elif kind == "samples":
                self._on_samples(message)
            elif kind == "event":
                self._on_event(message)
            elif kind == "ask_next":
                # Beside: a stop, a limit and the end of the run are heard meanwhile.
                # Nobody waits any more for the answer to an earlier question.
                if self._answering is not None:
                    self._answering.cancel()
                self._answering = asyncio.create_task(
                    self._say_next(message), name=f"next {self.facts.run_id}"
                )
            elif kind == "ask_operator":
                self._on_question(message)
            else:
                log.warning("run %s: the worker said something unknown: %.200r", self.facts.run_id, message)

    def _on_state(self, message: dict[str, Any]) -> bool:
        """False when the table does not hold what the worker tells."""
        events = events_to(self.state.state, message.get("state"))
        if events is None:
            log.error("run %s: %s after %s", self.facts.run_id, message.get("state"), self.state.state)
            return False
        for event in events:
            self.state.fire(event)
        may = message.get("may")
        may = may if isinstance(may, dict) else {}
        self.state.worker_may = {word: may.get(word) is True for word in WORKER_SAYS}
        for field in ("elapsed_s", "remaining_s", "progress"):
            setattr(self.state, field, _number(message.get(field)))
        self._show()
        return True

    async def _say_next(self, question: dict[str, Any]) -> None:
        """Have the journal so far looked at, and tell the worker what to measure next."""
        facts = self.facts
        answer = await self._answer(
            facts.run_dir,
            question,
            nominal_capacity_Ah=facts.nominal_capacity_Ah,
            chemistry=facts.chemistry,
        )
        if self._worker is not None:
            await self._worker.send(answer)

    def _on_question(self, message: dict[str, Any]) -> None:
        """The test asks a person, or its question is over."""
        asked = self.state.question
        if not message.get("over"):
            question = {key: value for key, value in message.items() if key != "type"}
            self.state.question = {**question, "picture": self._picture(question.get("picture"))}
        elif asked is not None and asked.get("prompt") == message.get("prompt"):
            self.state.question = None
        self._show()

    def _picture(self, name: Any) -> str | None:
        """The file that a prompt shows, on this computer; it must lie beside the profile."""
        folder = self.facts.files
        if not isinstance(name, str) or folder is None:
            return name if isinstance(name, str) else None
        path = (folder / name).resolve()
        return str(path) if path.is_relative_to(folder) else None

    def _on_samples(self, message: dict[str, Any]) -> None:
        for field in ("voltage_V", "current_A"):
            values = message.get(field)
            if isinstance(values, list) and values:
                setattr(self.state, field, _number(values[-1]))
        self.state.surface_degC = _number(message.get("surface_degC"))
        try:
            self._curves.add(self.facts.channel, message["t"], message["voltage_V"], message["current_A"])
        except (KeyError, TypeError, ValueError) as error:
            log.warning("run %s: samples that cannot be drawn: %s", self.facts.run_id, error)
        self._publish({**message, "channel": self.facts.channel})

    def _on_event(self, message: dict[str, Any]) -> None:
        level = message.get("level") if message.get("level") in ("info", "warning", "alarm") else "warning"
        code, params = str(message.get("code") or "worker.protocol"), message.get("params")
        params = params if isinstance(params, dict) else {}
        self._publish({**message, "channel": self.facts.channel})
        if code in _ADAPTIVE:
            self.state.adaptive = {"code": code, "params": params}
            self._show()
        self._keeper.event(
            code,
            params,
            level=level,
            run_id=self.facts.run_id,
            t_s=_number(message.get("t")),
            source="worker",
        )

    # Ending

    async def _close(self, last_word: Ended) -> None:
        state, fault = self.state, last_word.fault
        state.voltage_V = state.current_A = None
        state.remaining_s, state.worker_may, state.closing = 0.0, {}, True
        goes_on = (
            fault is not None
            and not self._stop_asked
            and await in_thread(may_go_on, self.facts.run_dir, last_word.outcome, last_word.code)
        )
        self._to_end(last_word)
        records = self._keeper.records
        self._keeper.put(
            records.update_run,
            self.facts.run_id,
            state="analysis",
            outcome=last_word.outcome,
            exit_code=last_word.exit_code,
            error=fault,
            latched=fault is not None,
            **({"interrupted_utc": utc_now()} if goes_on else {}),
        )
        result = await self._closer.close(
            self.facts, last_word, state="interrupted" if goes_on else "ended", latch=False
        )
        state.verdict, state.grade, state.soh = result["verdict"], result["grade"], result["soh"]
        state.resistance_mohm = resistance_mohm(result)
        state.closing, state.interrupted = False, goes_on
        if fault is None:
            state.fire(Event.JUDGED)
            state.acknowledged, state.fault = False, _shown(result["error"])
        self._show()
        self._publish(
            {
                "type": "result",
                "channel": self.facts.channel,
                "run_id": self.facts.run_id,
                "result": result,
            }
        )

    def _to_end(self, last_word: Ended) -> None:
        """By the table to ``analysis`` or ``fault``, and show it."""
        fault = last_word.fault
        if last_word.code in _WORKER_GONE:
            self.state.fire(Event.WORKER_LOST)
        else:
            for event in events_of_end(
                self.state.state, verified=last_word.verified_safe, fault=fault is not None
            ):
                self.state.fire(event)
        if fault is not None:
            self.state.acknowledged, self.state.fault = False, _shown(fault)
        self._show()

    def _fault(self, error: dict[str, Any]) -> None:
        """The service's own failure; a fault that is there already keeps its reason."""
        for event in (Event.FAILED, Event.WORKER_LOST):
            if self.state.machine.may(event):
                self.state.fire(event)
                self.state.acknowledged, self.state.fault = False, _shown(error)
        self._show()

    def _event(self, code: str, params: dict[str, Any], *, level: str) -> None:
        """Something the service itself has done to this run."""
        self._publish(
            {
                "type": "event",
                "channel": self.facts.channel,
                "t": self.state.elapsed_s,
                "code": code,
                "level": level,
                "params": params,
            }
        )
        self._keeper.event(code, params, level=level, run_id=self.facts.run_id)

    def _show(self) -> None:
        self._show_state(self.state)


_ADAPTIVE = frozenset({"adaptive.next", "adaptive.enough", "adaptive.refused", "adaptive.no_answer"})
"""What a worker tells of a decision: shown until the next one."""

_WORKER_GONE = frozenset({"worker.lost", "worker.silent", "worker.impossible_state", endings.FORCED})
"""Ends that no worker has told: its process is gone, or counts as gone."""


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
