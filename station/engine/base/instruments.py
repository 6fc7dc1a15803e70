"""Opens what stands behind one channel, by contract, and makes sure that the right things answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.bms import Bms
from drivers.contracts.common import Instrument
from drivers.contracts.cycler import Cycler
from drivers.contracts.power import PowerPort
from drivers.contracts.scanner import Scanner
from drivers.errors import WrongInstrument
from station.bench import Channel, InstrumentRef, SensorRef
from station.engine.base.cycler_port import CyclerPort
from station.errors import InstrumentFault
from station.safety.checks.instruments import InstrumentFacts

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
    """The open instruments of a channel and who they said they are.

    ``facts`` also holds those that answered wrongly; they are closed again and nothing was said to them.
    """

    power: PowerPort | None = None
    scanners: list[tuple[Scanner, SensorRef]] = field(default_factory=list)
    bms: Bms | None = None
    identities: dict[str, dict[str, str]] = field(default_factory=dict)
    facts: list[InstrumentFacts] = field(default_factory=list)


def open_instruments(
    channel: Channel,
    into: Instruments,
    *,
    opener: Opener = open_instrument,
    on_step: Callable[[], None] = lambda: None,
) -> None:
    """Open power, scanners and BMS into ``into``, so that what was opened is known if one fails.

    A wrong instrument is left out and stands in ``into.facts``, so that all of them are told at once.
    Raises DriverError (absent, wrong address, bad options) and InstrumentFault.
    """
    into.power = _opened(channel.power, PowerPort, "power", opener, into)  # type: ignore[type-abstract]
    on_step()
    for number, sensor in enumerate(channel.sensors):
        scanner = _opened(sensor, Scanner, f"sensors[{number}]", opener, into)  # type: ignore[type-abstract]
        if scanner is not None:
            into.scanners.append((scanner, sensor))
        on_step()
    if channel.bms is not None:
        into.bms = _opened(channel.bms, Bms, "bms", opener, into)  # type: ignore[type-abstract]
        on_step()


def claim(into: Instruments) -> None:
    """For a cycler: what runs there and is not ours is never touched, so it is let go again at once.

    Raises InstrumentFault, DriverError.
    """
    power = into.power
    if not isinstance(power, CyclerPort):
        return
    try:
        power.claim()
    except BaseException:
        into.power = None
        power.close()
        raise


def _opened(ref: InstrumentRef, kind: type[_I], name: str, opener: Opener, into: Instruments) -> _I | None:
    try:
        return open_one(ref, kind, name, opener, into)
    except WrongInstrument:
        return None


def open_one(ref: InstrumentRef, kind: type[_I], name: str, opener: Opener, into: Instruments) -> _I:
    """Open one instrument, check its kind and identity; closed again when either is wrong.

    What it answered goes into ``into``. Raises DriverError (WrongInstrument among them), InstrumentFault.
    """
    options = dict(ref.options)
    for key, part in ref.parts().items():
        # The parts of a composite have identities of their own.
        options[key] = part.model_dump(mode="json", exclude={"expect", "calibration"})
        single = opener(part.driver, part.address, part.options)
        try:
            _who(single, part, f"{name}.{key}", into)
        finally:
            single.close()
    instrument = opener(ref.driver, ref.address, options)
    if isinstance(instrument, Cycler):
        instrument = CyclerPort(instrument)
    try:
        if not isinstance(instrument, kind):
            raise InstrumentFault(
                f"{name}: {ref.driver} is not a {kind.__name__}",
                remedy="name a driver of the right kind in the bench file",
                code="instrument.wrong_kind",
                driver=ref.driver,
            )
        _who(instrument, ref, name, into)
    except BaseException:
        instrument.close()
        raise
    return instrument


def _who(instrument: Instrument, ref: InstrumentRef, place: str, into: Instruments) -> None:
    """Ask who answers and keep it. Raises WrongInstrument."""
    expect = {str(key): text for key, text in ref.expect.items()}
    due = ref.calibration.due if ref.calibration is not None else None
    certificate = ref.calibration.certificate if ref.calibration is not None else ""
    try:
        answered = asdict(check_identity(instrument, expect, ref.address or ref.driver))
    except WrongInstrument as error:
        wrong = tuple(error.params["wrong"]) or ("model",)
        into.facts.append(
            InstrumentFacts(place, ref.driver, expect, error.params["got"], wrong, due, certificate)
        )
        raise
    into.identities[place] = answered
    if ref.parts():
        return  # a joined pair is its parts: those have been asked
    into.facts.append(InstrumentFacts(place, ref.driver, expect, answered, (), due, certificate))
