"""The course on a simulated bench: one trainee at a time, one mission at a time, watched as any client would.

The referee gets the same live messages as the window. What the trainee does at the bench itself (mend a
clamp, press the emergency stop) is done here on the simulated bench's control port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from station.bench import ask_simulation, bench_clock
from station.errors import BusyError, StationError, UsageError
from station.records.models import utc_now
from station.service.core import Station
from station.service.ending import in_thread
from station.service.hub import Subscriber
from station.training.mission import Mission, Text, load_missions
from station.training.referee import Referee
from station.training.sheet import Sheets, attempt

log = logging.getLogger(__name__)

MISSION_MAX_S = 3600.0
"""Real seconds; longer, and the trainee has gone."""

Deed = Literal["mended", "estop"]


class Course:
    """Lives on the service's event loop."""

    def __init__(self, station: Station, now: Callable[[], float] = time.monotonic) -> None:
        self._station = station
        self._now = now
        self.sheets = Sheets(station.config.data)
        self._referee: Referee | None = None
        self._trainee = ""
        self._started_utc = ""
        self._speed = 1.0
        self._subscriber: Subscriber | None = None
        self._watch: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._kept = False

    def missions(self) -> list[dict[str, Any]]:
        """The course. Raises UsageError on a real bench."""
        self._need_simulation()
        return [
            {
                "name": mission.name,
                "title": mission.title.model_dump(),
                "story": mission.story.model_dump(),
                "channel": mission.channel,
                "profile": mission.profile,
                "battery": mission.battery,
            }
            for mission in load_missions().values()
        ]

    def status(self) -> dict[str, Any]:
        """The mission that goes on, or the one that ended last, or ``{"mission": None}``."""
        referee = self._referee
        if referee is None:
            return {"mission": None}
        mission, step = referee.mission, referee.step
        left_s = referee.left_s(self._now())
        return {
            "mission": mission.name,
            "title": mission.title.model_dump(),
            "story": mission.story.model_dump(),
            "notice": mission.notice.model_dump() if referee.over else None,
            "trainee": self._trainee,
            "channel": mission.channel,
            "battery": mission.battery,
            "going_on": not self._kept,
            "over": referee.over,
            "passed": referee.passed,
            "number": min(len(referee.done) + 1, len(mission.steps)),
            "of": len(mission.steps),
            "step": step
            and {
                "id": step.id,
                "text": step.text.model_dump(),
                "kind": step.expect.kind,
                "left_s": left_s and round(left_s, 1),
                "question": step.question
                and {
                    "text": step.question.text.model_dump(),
                    "choices": [
                        {"id": choice.id, "text": choice.text.model_dump()}
                        for choice in step.question.choices
                    ],
                },
            },
            "done": [vars(one) for one in referee.done],
            "mistakes": [
                {"id": one.id, "at_s": one.at_s, **one.text.model_dump()} for one in referee.mistakes
            ],
            "why": _why(mission, referee),
        }

    async def start(self, trainee: str, name: str) -> dict[str, Any]:
        """Set the bench up and begin. Raises UsageError, BusyError, InstrumentFault."""
        self._need_simulation()
        mission = load_missions().get(name)
        if mission is None:
            raise UsageError(
                f"there is no mission {name!r}",
                remedy=f"missions are: {', '.join(load_missions())}",
                code="training.no_mission",
                mission=name,
            )
        if not trainee.strip():
            raise UsageError(
                "a trainee has a name", remedy="give the name for the result sheet", code="training.no_name"
            )
        async with self._lock:
            if self._station.busy():
                raise BusyError(
                    "a test is running on this bench",
                    remedy="wait until it has ended, or stop it",
                    code="training.busy",
                )
            await self._leave()
            await self._free_channels()
            await self._bench([{"op": "clear_faults"}, {"op": "estop", "pressed": False}])
            await self._bench([{"op": "interlock", "open": False}, *mission.setup])
            self._speed = await in_thread(bench_clock, self._station.bench)
            self._trainee, self._started_utc, self._kept = trainee.strip(), utc_now(), False
            self._referee = Referee(mission, self._now())
            self._subscriber = self._station.hub.join(self._station.state)
            self._watch = asyncio.create_task(self._follow(self._referee, self._subscriber), name="training")
        self._tell("training.started")
        return self.status()

    async def say(self, kind: Literal["answer"] | Deed, value: str = "") -> dict[str, Any]:
        """What the trainee answers or does at the bench. Raises UsageError when nothing asks for it."""
        referee = self._going_on()
        step = referee.step
        if step is None or step.expect.kind != kind or (kind == "answer" and not _is_choice(referee, value)):
            raise UsageError(
                f"the present step is not about {kind!r}",
                remedy="look at the present step",
                code="training.not_now",
                given=value or kind,
            )
        # The moment counts before the bench answers: people are not slower for a slow simulation.
        at_s = self._now()
        if kind == "estop":
            await self._bench([{"op": "estop", "pressed": True}])
        elif kind == "mended":
            await self._bench(referee.mission.mend)
        if not referee.say(kind, at_s, value):
            raise UsageError("the step is over", remedy="look at the present step", code="training.not_now")
        await self._after(referee)
        return self.status()

    async def end(self) -> dict[str, Any]:
        """Leave the mission; what was done so far is kept as abandoned."""
        async with self._lock:
            if self._referee is not None:
                await self._leave()
                await self._tidy(self._referee.mission)
        return self.status()

    # Inside

    def _need_simulation(self) -> None:
        if self._station.bench.simulation is None:
            raise UsageError(
                "training is for simulated benches only",
                remedy="use the demo bench: station demo",
                code="training.real_bench",
                bench=self._station.bench.name,
            )

    def _going_on(self) -> Referee:
        if self._referee is None or self._kept:
            raise UsageError("no mission goes on", remedy="start one", code="training.none")
        return self._referee

    async def _bench(self, operations: Sequence[Mapping[str, Any]]) -> None:
        for operation in operations:
            await in_thread(ask_simulation, self._station.bench, dict(operation))

    async def _free_channels(self) -> None:
        for channel, state in self._station.channels.states.items():
            if not state.active and not state.acknowledged:
                await self._station.operator.acknowledge(channel, "training")

    async def _follow(self, referee: Referee, subscriber: Subscriber) -> None:
        try:
            async with asyncio.timeout(MISSION_MAX_S):
                while not referee.over and (text := await subscriber.next()) is not None:
                    message = json.loads(text)
                    if message["type"] != "samples":
                        referee.see(message, self._now())
                        await self._after(referee)
        except TimeoutError:
            await self._leave()  # nobody is there any more; an idle service may end
        except StationError as error:
            log.error("the mission ends: %s", error)
            await self._leave()

    async def _after(self, referee: Referee) -> None:
        """Do on the bench what the new step begins with, and keep the result at the end."""
        operations, referee.begin = referee.begin, []
        await self._bench(operations)
        if referee.over and not self._kept:
            await self._keep(referee)
            self._release()

    async def _keep(self, referee: Referee) -> None:
        self._kept = True
        entry = attempt(
            referee,
            started_utc=self._started_utc,
            ended_utc=utc_now(),
            at_s=self._now(),
            speed=self._speed,
        )
        await in_thread(self.sheets.add, self._trainee, entry)
        self._tell(f"training.{entry['outcome']}", mistakes=len(referee.mistakes))

    async def _leave(self) -> None:
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        self._watch = None
        self._release()
        if self._referee is not None and not self._kept:
            await self._keep(self._referee)

    def _release(self) -> None:
        if self._subscriber is not None:
            self._station.hub.leave(self._subscriber)
            self._subscriber = None

    async def _tidy(self, mission: Mission) -> None:
        simulation = self._station.bench.simulation
        assert simulation is not None  # a mission was begun
        battery = dict(simulation.batteries[mission.channel])
        await self._bench([{"op": "clear_faults"}, {"op": "estop", "pressed": False}])
        if not self._station.busy():
            await self._bench([{"op": "connect", "channel": mission.channel, "battery": battery, "seed": 1}])

    def _tell(self, code: str, **more: Any) -> None:
        assert self._referee is not None
        params = {"mission": self._referee.mission.name, "trainee": self._trainee, **more}
        self._station.keeper.event(code, params)
        self._station.hub.publish(
            {"type": "event", "channel": None, "t": None, "code": code, "level": "info", "params": params}
        )


def _is_choice(referee: Referee, value: str) -> bool:
    question = referee.step.question if referee.step else None
    return question is not None and value in {choice.id for choice in question.choices}


def _why(mission: Mission, referee: Referee) -> dict[str, str] | None:
    """The explanation of the question that was answered last, until the next step but one."""
    for done, step in list(zip(referee.done, mission.steps, strict=False))[-1:]:
        if step.question is not None and done.answer is not None:
            why: Text = step.question.why
            return why.model_dump()
    return None
