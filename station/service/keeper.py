"""Writes to the records, in order, from memory, until they are written: nothing else waits for the disk."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from station.errors import RecordError, told
from station.records import Records
from station.records.models import utc_now

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
CAPACITY = 20_000
"""Writes that may wait; more are lost, oldest first, and counted."""
RETRY_S = 0.5
PASSING = frozenset({"record.busy", "record.unavailable"})
"""Another program holds the database, or the disk is full: this passes, everything else does not."""

Tell = Callable[[str, str, dict[str, Any]], None]
"""Gets code, level and params of what people must know while it cannot be recorded."""


@dataclass
class _Write:
    call: Callable[[], Any]
    answer: asyncio.Future[Any] | None


class Keeper:
    """One queue for all writes of a service. Lives on its event loop; writes run in a thread."""

    def __init__(
        self, records: Records, tell: Tell, *, retry_s: float = RETRY_S, capacity: int = CAPACITY
    ) -> None:
        self.records = records
        self._tell = tell
        self._retry_s, self._capacity = retry_s, capacity
        self._queue: deque[_Write] = deque()
        self._news, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._lost = 0
        self.waiting: RecordError | None = None
        self._task = asyncio.create_task(self._work(), name="keeper")

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Write this after all that waits; never waits itself."""
        self._add(_Write(partial(call, *args, **kwargs), None))

    def event(self, code: str, params: dict[str, Any], **more: Any) -> None:
        """An event that happens now, whenever it can be written."""
        self.put(self.records.add_event, code, params, **{"t_utc": utc_now(), **more})

    async def do(self, call: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        """The same, and its answer once it is written, however long that takes.

        Raises what the records refuse for good. Not for use under a lock or on the way of a stop.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._add(_Write(partial(call, *args, **kwargs), answer))
        done: Answer = await answer
        return done

    async def close(self, patience_s: float) -> int:
        """Write what waits, for ``patience_s`` at most. Returns how many writes are left undone."""
        try:
            await asyncio.wait_for(self._empty.wait(), patience_s)
        except TimeoutError:
            log.error("%d writes to the records were not done: %s", len(self._queue), self.waiting)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for write in self._queue:
            if write.answer is not None and not write.answer.done():
                write.answer.cancel()
        return len(self._queue)

    # Inside

    def _add(self, write: _Write) -> None:
        if len(self._queue) >= self._capacity and not self._drop_oldest():
            self._lost += 1
            if write.answer is not None:
                write.answer.set_exception(self.waiting or RecordError("too much waits for the records"))
            return
        self._queue.append(write)
        self._empty.clear()
        self._news.set()

    def _drop_oldest(self) -> bool:
        """Room for one more; not the first, which is being written, nor one that somebody waits for."""
        for index in range(1, len(self._queue)):
            if self._queue[index].answer is None:
                del self._queue[index]
                self._lost += 1
                return True
        return False

    async def _work(self) -> None:
        while True:
            while not self._queue:
                self._empty.set()
                self._news.clear()
                await self._news.wait()
            if await self._one(self._queue[0]):
                self._queue.popleft()
            else:
                await asyncio.sleep(self._retry_s)

    async def _one(self, write: _Write) -> bool:
        """True when it is done, or refused for good."""
        if write.answer is not None and write.answer.cancelled():
            return True
        try:
            done = await asyncio.to_thread(write.call)
        except RecordError as error:
            if error.code in PASSING:
                self._waits(error)
                return False
            self._refused(write, error)
            return True
        except Exception as error:  # noqa: BLE001 - one write that cannot be done must not end all others
            self._refused(write, error)
            return True
        if write.answer is not None and not write.answer.done():
            write.answer.set_result(done)
        self._works_again()
        return True

    def _refused(self, write: _Write, error: Exception) -> None:
        log.error("a write to the records is refused: %s", error)
        if write.answer is None:
            self._lost += 1
            self._tell("record.lost", "alarm", {"count": 1, "reason": str(error)})
        elif not write.answer.done():
            write.answer.set_exception(error)

    def _waits(self, error: RecordError) -> None:
        if self.waiting is None:
            log.error("the records wait: %s", error)
            self._tell("record.waiting", "alarm", {"code": error.code, "reason": told(error)})
        self.waiting = error

    def _works_again(self) -> None:
        if self.waiting is not None:
            self.waiting = None
            self._tell("record.written", "info", {"lost": self._lost})
        if self._lost and len(self._queue) < self._capacity:
            lost, self._lost = self._lost, 0
            self.event("record.lost", {"count": lost}, level="alarm")
