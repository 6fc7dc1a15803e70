"""Opens what stands behind one channel, by contract, and makes sure that the right things answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.bms import Bms
from drivers.contracts.common import Instrument
from drivers.contracts.power import PowerPort
from drivers.contracts.scanner import Scanner
from station.bench import Channel, InstrumentRef, SensorRef
from station.errors import InstrumentFault

_I = TypeVar("_I", bound=Instrument)


class Opener(Protocol):
    """``drivers.catalogue.open_instrument``, or a test's own."""

    def __call__(
        self, driver: str, address: str | None, options: Mapping[str, Any] | None = None
    ) -> Instrument:
        """Open one instrument."""
        ...


@dataclass
class Instruments:
    """The open instruments of a channel and who they said they are."""

    power: PowerPort | None = None
    scanners: list[tuple[Scanner, SensorRef]] = field(default_factory=list)
    bms: Bms | None = None
    identities: dict[str, dict[str, str]] = field(default_factory=dict)


def open_instruments(
    channel: Channel,
    into: Instruments,
    *,
    opener: Opener = open_instrument,
    on_step: Callable[[], None] = lambda: None,
) -> None:
    """Open power, scanners and BMS into ``into``, so that what was opened is known if one fails.

    Raises DriverError (absent, wrong address, wrong instrument, bad options) and InstrumentFault.
    """
    into.power = open_one(channel.power, PowerPort, "power", opener, into.identities)  # type: ignore[type-abstract]
    on_step()
    for number, sensor in enumerate(channel.sensors):
        name = f"sensors[{number}]"
        scanner = open_one(sensor, Scanner, name, opener, into.identities)  # type: ignore[type-abstract]
        into.scanners.append((scanner, sensor))
        on_step()
    if channel.bms is not None:
        into.bms = open_one(channel.bms, Bms, "bms", opener, into.identities)  # type: ignore[type-abstract]
        on_step()


def open_one(
    ref: InstrumentRef, kind: type[_I], name: str, opener: Opener, identities: dict[str, dict[str, str]]
) -> _I:
    """Open one instrument, check its kind and identity; closed again when either is wrong."""
    options = dict(ref.options)
    for key, part in ref.options.items():
        # The parts of a composite have identities of their own.
        if isinstance(part, Mapping) and "driver" in part and "expect" in part:
            options[key] = {k: v for k, v in part.items() if k != "expect"}
            single = opener(part["driver"], part.get("address"), part.get("options"))
            try:
                identities[f"{name}.{key}"] = asdict(
                    check_identity(single, part["expect"], str(part.get("address") or ""))
                )
            finally:
                single.close()
    instrument = opener(ref.driver, ref.address, options)
    try:
        if not isinstance(instrument, kind):
            raise InstrumentFault(
                f"{name}: {ref.driver} is not a {kind.__name__}",
                remedy="name a driver of the right kind in the bench file",
                code="instrument.wrong_kind",
                driver=ref.driver,
            )
        identities[name] = asdict(
            check_identity(
                instrument, {str(key): text for key, text in ref.expect.items()}, ref.address or ref.driver
            )
        )
    except BaseException:
        instrument.close()
        raise
    return instrument
