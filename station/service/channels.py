"""All channels of a bench: their tiles and their runs, and telling the clients of both."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from station.bench import Bench
from station.service.channel_state import ChannelState
from station.service.hub import Hub
from station.service.run_task import RunTask


class Channels:
    """Lives on the service's event loop; whoever changes a tile shows it here."""

    def __init__(self, bench: Bench, hub: Hub) -> None:
        self.states = {channel.id: ChannelState() for channel in bench.channels}
        self.runs: dict[str, RunTask] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self._hub = hub

    def put(self, channel: str, state: ChannelState) -> None:
        """From now on this is the channel's tile."""
        self.states[channel] = state
        self.show(channel, state)

    def show(self, channel: str, state: ChannelState) -> None:
        """Tell the clients, unless the channel has moved on to another run meanwhile."""
        if self.states[channel] is state:
            self._hub.publish({"type": "channel", "channel": channel, "state": state.as_dict()})

    def active_runs(self) -> list[RunTask]:
        """The runs whose channels are in use."""
        return [run for run in self.runs.values() if run.state.active]

    def work(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside everything else; the service's end waits for it."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
