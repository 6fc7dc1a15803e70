"""Cyclers as the bench puts them together: one server, several places, each wired to a circuit."""

from __future__ import annotations

from typing import Any, Protocol

from simulators.faults import FaultSet
from simulators.instruments.arbin_cti import ArbinCti
from simulators.instruments.cycler_channel import CyclerChannel
from simulators.instruments.maccor_macnet import MaccorMacnet
from simulators.instruments.neware_bts8 import NewareBts8
from simulators.wiring import Circuit


class CyclerServer(Protocol):
    """A server whose places are wired one by one before it starts."""

    @property
    def faults(self) -> FaultSet:
        """Those of the first place; the link's are of all."""
        ...

    @property
    def address(self) -> tuple[str, int]:
        """Host and bound port."""
        ...

    @property
    def others(self) -> list[str]:
        """The bench channels that its places are wired to, but for the one it stands in."""
        ...

    def wire(self, bench_channel: str | None, circuit: Circuit) -> CyclerChannel:
        """Wire the place of that bench channel (None: the one it stands in)."""
        ...

    async def start(self) -> None:
        """Bind and listen."""
        ...

    async def stop(self) -> None:
        """Close."""
        ...


def build_cycler(kind: str, options: Any, *, host: str, port: int, seed: int) -> CyclerServer:
    """The server of one kind."""
    made: dict[str, Any] = {"neware-bts8": NewareBts8, "arbin-cti": ArbinCti, "maccor-macnet": MaccorMacnet}
    server: CyclerServer = made[kind](options, host=host, port=port, seed=seed)
    return server
