"""Leads a pack's own contactors through the described sequence, step by step, each with its time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from drivers.bms.description import ContactorsModel, ContactorStepModel, KeepAliveModel
from drivers.bms.keep_alive import merged
from drivers.contracts.bms import ContactorFault, ContactorFinding, ContactorStep
from drivers.keeper.link import Keeper

POLL_S = 0.02
SILENT_S = 1.0
"""A pack that has told nothing for so long while its contactors move is silent."""
READY_S = 10.0
"""How long the process that sends may take to start on a busy computer."""
LINK_S = 1.0
"""How often a frame that tells the voltage outside gets the newest one."""


class Pack(Protocol):
    """What a sequence needs of the driver."""

    def signal(self, name: str, since_s: float = -float("inf")) -> float | str | None:
        """The newest value; None where there is none that arrived after ``since_s`` of the clock."""
        ...

    def heard_age_s(self) -> float:
        """Seconds since anything of the pack was heard."""
        ...

    def command(self, request: bytes, reply: bytes) -> str:
        """Ask once for a step; '' once answered, else why not."""
        ...


class ContactorRun:
    """``sends`` are the cyclic frames of the step that was reached; ``closing``: a close has begun."""

    def __init__(
        self,
        model: ContactorsModel,
        awake: Sequence[KeepAliveModel],
        pack: Pack,
        keeper: Keeper,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model, self._pack, self._keeper = model, pack, keeper
        self._clock, self._sleep = clock, sleep
        self._sends: dict[tuple[int, bool], KeepAliveModel] = {(one.id, one.extended): one for one in awake}
        self._next_link_s = 0.0
        self.closing = False

    # ------------------------------------------------------------------ what the pack says

    def closed(self) -> bool | None:
        """None where the family has no signal for it, or it has not been heard yet."""
        return self._all(self._model.closed)

    def _all(
        self, wanted: Mapping[str, tuple[float | str, ...]], since_s: float = -float("inf")
    ) -> bool | None:
        if not wanted:
            return None
        seen = {name: self._pack.signal(name, since_s) for name in wanted}
        if any(value is None for value in seen.values()):
            return None
        return all(seen[name] in values for name, values in wanted.items())

    # ------------------------------------------------------------------ the two ways

    def close(self, agree: Callable[[], None], link_V: Callable[[], float]) -> list[ContactorStep]:
        """Raises ContactorFault, and what ``agree`` raises."""
        agree()
        began_s = self._clock()
        while not self._keeper.wait_ready(POLL_S):
            agree()
            if self._keeper.problem() or self._clock() - began_s > READY_S:
                raise self._keep_alive("start", self._clock() - began_s, READY_S)
        self.closing = True
        return [self._step(step, agree, link_V, opening=False) for step in self._model.close]

    def open(self, on_step: Callable[[], None], link_V: Callable[[], float]) -> list[ContactorStep]:
        """Every step is tried, also after one that failed; the first failure is raised at the end."""
        done, failed = [], None
        for step in self._model.open:
            try:
                done.append(self._step(step, on_step, link_V, opening=True))
            except ContactorFault as fault:
                failed = failed or fault
        self.closing = False
        if failed is not None and self.closed() is not False:
            raise failed
        return done

    def follow(self, link_V: float | None) -> None:
        """Tell the pack the voltage outside now and then, as long as its frames have a place for it."""
        now_s = self._clock()
        if not self.closing or now_s < self._next_link_s:
            return
        self._next_link_s = now_s + LINK_S
        if link_V is not None and any(one.link is not None for one in self._sends.values()):
            self._keeper.set(merged(self._sends.values(), link_V=link_V))

    # ------------------------------------------------------------------ one step

    def _step(
        self,
        step: ContactorStepModel,
        each: Callable[[], None],
        link_V: Callable[[], float],
        *,
        opening: bool,
    ) -> ContactorStep:
        began_s = self._clock()
        each()
        if step.send:
            self._sends |= {(one.id, one.extended): one for one in step.send}
            self._keeper.set(merged(self._sends.values(), link_V=link_V()))
        if step.request:
            why_not = self._pack.command(step.request, step.reply)
            if why_not:
                raise self._fault("refused", step, began_s, why_not)
        while True:
            each()
            self._keeper.beat()
            took_s = self._clock() - began_s
            # What the pack said before it was asked confirms nothing.
            if took_s >= step.hold_s and (not step.until or self._all(step.until, began_s)):
                return ContactorStep(step.name, round(took_s, 3), step.timeout_s)
            if not opening and self._keeper.problem():
                raise self._keep_alive(step.name, took_s, step.timeout_s)
            if not opening and self._pack.heard_age_s() > SILENT_S:
                raise self._fault("silent", step, began_s, "nothing is heard of the pack any more")
            if took_s >= step.timeout_s:
                raise self._fault(self._why(opening), step, began_s, self._seen(step))
            self._sleep(POLL_S)

    def _why(self, opening: bool) -> ContactorFinding:
        if opening:
            return "not_opened"
        return "precharge_stuck" if self._all(self._model.precharging) else "not_closed"

    def _seen(self, step: ContactorStepModel) -> str:
        return ", ".join(f"{name} {self._pack.signal(name)}" for name in step.until)

    def _fault(
        self, finding: ContactorFinding, step: ContactorStepModel, began_s: float, seen: str
    ) -> ContactorFault:
        waited_s = round(self._clock() - began_s, 2)
        return ContactorFault(
            f"step '{step.name}' of the pack's contactors: {seen or finding} after {waited_s:g} s",
            finding,
            step=step.name,
            waited_s=waited_s,
            limit_s=step.timeout_s,
            seen=seen,
        )

    def _keep_alive(self, step: str, waited_s: float, limit_s: float) -> ContactorFault:
        problem = self._keeper.problem() or "it does not start"
        return ContactorFault(
            f"the frames that keep the pack awake are not sent: {problem}",
            "keep_alive",
            step=step,
            waited_s=round(waited_s, 2),
            limit_s=limit_s,
            seen=problem,
        )
