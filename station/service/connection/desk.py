"""Holds what was answered of the battery on each channel, and lets a start through or not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from station.bench import Bench, Channel
from station.errors import CheckFailed
from station.models.checklist import Answers, Checklist, Judged, judge, load_checklist
from station.service.connection.photos import Photo, keep_with_run
from station.service.ending import RunFacts, in_thread
from station.service.keeper import Keeper
from station.service.orders import find_channel

EVENT: Final = "connection.checklist"
"""What was answered before a run, in its chain of events; the decision reads ``inspection`` from it."""
HELD_S: Final = 1800.0
"""Answers are of this connection: older ones are asked again."""


@dataclass
class Held:
    """Answers of the battery that hangs on a channel now. ``at_s`` by a steady clock."""

    battery: str
    answers: Answers
    judged: Judged
    who: str | None
    at_s: float
    photos: list[Photo] = field(default_factory=list)


class ConnectionDesk:
    """Lives on the service's event loop. ``tell`` publishes a live message."""

    def __init__(
        self,
        bench: Bench,
        data: Path,
        keeper: Callable[[], Keeper],
        tell: Callable[[dict[str, Any]], None],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bench, self._data, self._keeper = bench, data, keeper
        self._tell, self._tick = tell, tick
        self._held: dict[str, Held] = {}
        self._checklist: Checklist | None = None
        self._loading = asyncio.Lock()

    async def checklist(self) -> Checklist:
        """The site's checklist, or the one that ships. Raises DataError."""
        async with self._loading:
            if self._checklist is None:
                named = self._bench.connection.checklist if self._bench.connection else None
                path = None if named is None else self._data / named
                self._checklist = await in_thread(load_checklist, path)
            return self._checklist

    def mode(self, channel: Channel) -> str:
        """``off``, ``short`` or ``full``, by the bench file and the kind of battery."""
        return "off" if self._bench.connection is None else self._bench.connection.mode_of(channel.level)

    async def state(self, channel: str) -> dict[str, Any]:
        """The form of this channel and what is answered. Raises UsageError, DataError."""
        place = find_channel(self._bench, channel)
        checklist, held = await self.checklist(), self._current(place.id)
        return {
            "channel": place.id,
            "mode": self.mode(place),
            "name": checklist.name,
            "version": checklist.version,
            "title": checklist.title.model_dump(),
            "basis": checklist.basis.model_dump(),
            "confirm": checklist.confirm.model_dump(),
            "items": [item.model_dump(mode="json") for item in checklist.of(place.level)],
            "battery": held.battery if held else None,
            "answers": dict(held.answers.answers) if held else {},
            "notes": dict(held.answers.notes) if held else {},
            "confirmed": held.answers.confirmed if held else False,
            "judged": _plain(held.judged) if held else None,
            "photos": [photo.as_dict() for photo in held.photos] if held else [],
        }

    async def answer(self, channel: str, battery: str, answers: Answers, who: str | None) -> dict[str, Any]:
        """Keep what was said of ``battery`` on ``channel``; a battery that must go to quarantine is told.

        Answers replace what was said before; photos of the same battery stay. Raises UsageError, DataError.
        """
        place = find_channel(self._bench, channel)
        checklist, before = await self.checklist(), self._current(place.id)
        items = checklist.of(place.level)
        known = {item.key for item in items}
        answers = Answers(
            answers={key: answer for key, answer in answers.answers.items() if key in known},
            notes={key: note for key, note in answers.notes.items() if key in known},
            confirmed=answers.confirmed,
        )
        judged = judge(items, answers)
        photos = before.photos if before is not None and before.battery == battery else []
        self._held[place.id] = Held(battery, answers, judged, who, self._tick(), photos)
        told_before = before is not None and before.battery == battery and bool(before.judged.quarantined)
        if judged.quarantined and not told_before:
            params = {
                "channel": place.id, "battery": battery, "items": list(judged.quarantined), "who": who,
                "inspection": dict(judged.inspection),
            }  # fmt: skip
            self._keeper().event("connection.quarantined", params, level="warning")
            self._tell(
                {
                    "type": "event", "channel": place.id, "t": None, "code": "connection.quarantined",
                    "level": "warning", "params": params,
                }
            )  # fmt: skip
        return await self._told(place.id)

    async def attach(self, channel: str, battery: str, photo: Photo) -> dict[str, Any]:
        """A photo of the battery on this channel, kept in the data folder already."""
        place = find_channel(self._bench, channel)
        held = self._current(place.id)
        if held is None or held.battery != battery:
            items = (await self.checklist()).of(place.level)
            nothing = Answers()
            held = Held(battery, nothing, judge(items, nothing), None, self._tick())
            self._held[place.id] = held
        held.photos.append(photo)
        return await self._told(place.id)

    async def admit(self, place: Channel, battery: str) -> Held | None:
        """What was answered for this start; None where nothing was, and the bench does not insist.

        Raises CheckFailed: not answered, to be mended first, or to be quarantined.
        """
        mode, held = self.mode(place), self._current(place.id)
        if held is not None and held.battery != battery:
            held = None
        if mode == "off" or (held is None and mode == "short"):
            return held
        if held is None or (mode == "full" and held.judged.open):
            items = (await self.checklist()).of(place.level)
            still = held.judged.open if held else tuple(item.key for item in items)
            raise CheckFailed(
                f"channel {place.id}: {len(still)} questions before connecting are not answered",
                remedy="answer the checklist, then start again",
                code="connection.open",
                channel=place.id,
                count=len(still),
                items=list(still),
            )
        for code, keys, message, remedy in (
            (
                "connection.quarantine", held.judged.quarantined, "the battery must go to quarantine",
                "do not test it; move it to quarantine",
            ),
            (
                "connection.refused", held.judged.refused, "something must be put right first",
                "put it right, then answer anew",
            ),
        ):  # fmt: skip
            if keys:
                raise CheckFailed(
                    f"channel {place.id}: {message}: {', '.join(keys)}",
                    remedy=remedy, code=code, channel=place.id, battery=battery, items=list(keys),
                )  # fmt: skip
        return held

    async def record(self, place: Channel, held: Held | None, facts: RunFacts) -> None:
        """Put on the run's record what was answered, by whom, and the photos; also that nothing was asked."""
        keeper, checklist = self._keeper(), await self.checklist()
        params: dict[str, Any] = {
            "mode": self.mode(place), "level": place.level,
            "name": checklist.name, "version": checklist.version,
        }  # fmt: skip
        if held is None:
            if params["mode"] != "off":
                keeper.event("connection.not_asked", params, run_id=facts.run_id, level="warning")
            elif self._bench.connection is not None:
                keeper.event("connection.off", params, run_id=facts.run_id)
            return
        self._held.pop(place.id, None)
        params |= {
            "who": held.who, "answers": dict(held.answers.answers), "notes": dict(held.answers.notes),
            "confirmed": held.answers.confirmed, "noted": list(held.judged.noted),
            "inspection": dict(held.judged.inspection), "photos": [photo.as_dict() for photo in held.photos],
        }  # fmt: skip
        keeper.event(EVENT, params, run_id=facts.run_id)
        for photo in held.photos:
            keeper.put(keep_with_run, keeper.records, self._data, photo, facts.run_id, facts.run_dir)

    # -- inside --------------------------------------------------------------------------------

    def _current(self, channel: str) -> Held | None:
        held = self._held.get(channel)
        if held is not None and self._tick() - held.at_s > HELD_S:
            del self._held[channel]
            return None
        return held

    async def _told(self, channel: str) -> dict[str, Any]:
        state = await self.state(channel)
        self._tell({"type": "connection", "channel": channel, "connection": state})
        return state


def _plain(judged: Judged) -> dict[str, Any]:
    return {
        "open": list(judged.open), "refused": list(judged.refused), "quarantined": list(judged.quarantined),
        "noted": list(judged.noted), "free": judged.free,
    }  # fmt: skip
