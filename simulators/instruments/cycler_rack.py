"""What the servers of simulated cycler systems share: places wired to batteries, one cable for all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from simulators.faults import FaultSet
from simulators.instruments.cycler_channel import CyclerChannel
from simulators.link import Cable
from simulators.wiring import Circuit


class Place(Protocol):
    """One channel of the server; ``bench_channel`` None: wired to the bench channel that it stands in."""

    @property
    def bench_channel(self) -> str | None: ...


P = TypeVar("P", bound=Place)
P_co = TypeVar("P_co", bound=Place, covariant=True)


class RackOptions(Protocol[P_co]):
    """The settings that every system has. Noise is a standard deviation."""

    @property
    def places(self) -> Sequence[P_co]: ...
    @property
    def voltage_max_V(self) -> float: ...
    @property
    def current_max_A(self) -> float: ...
    @property
    def voltage_noise_V(self) -> float: ...
    @property
    def current_noise_A(self) -> float: ...
    @property
    def max_clients(self) -> int | None: ...


class CyclerRack(ABC, Generic[P]):
    """A server before it listens. ``wire`` connects its places to circuits, the first before ``start``."""

    KIND: str
    TERMINATOR = b""

    def __init__(self, options: RackOptions[P], *, host: str, port: int, seed: int) -> None:
        self._rack = options
        self._host, self._port, self._seed = host, port, seed
        self._cable: Cable | None = None
        self._count = 0

    @abstractmethod
    def _keep(self, place: P, channel: CyclerChannel) -> None:
        """Remember what is wired to ``place``."""

    @property
    def others(self) -> list[str]:
        """The bench channels that places are wired to, but for the one it stands in."""
        return [place.bench_channel for place in self._rack.places if place.bench_channel is not None]

    def wire(self, bench_channel: str | None, circuit: Circuit) -> CyclerChannel:
        """Wire the place of that bench channel (None: the one it stands in)."""
        options = self._rack
        place = next(place for place in options.places if place.bench_channel == bench_channel)
        channel = CyclerChannel(
            self.KIND,
            circuit,
            voltage_max_V=options.voltage_max_V,
            current_max_A=options.current_max_A,
            voltage_noise_V=options.voltage_noise_V,
            current_noise_A=options.current_noise_A,
            seed=self._seed + self._count,
        )
        if self._cable is None:
            self._cable = Cable(channel.faults, terminator=self.TERMINATOR, max_clients=options.max_clients)
        self._count += 1
        self._keep(place, channel)
        return channel

    @property
    def faults(self) -> FaultSet:
        """Those of the first channel: the link's are of all."""
        assert self._cable is not None
        return self._cable.faults

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port
