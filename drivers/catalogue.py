"""Finds drivers by name, opens instruments, and checks that the right one answered.

Drivers are found through the entry-point group ``pulse_station.drivers``; the
built-in ones also without the package being installed. Nothing is imported
before it is asked for. A plug-in is tried in a process of its own first: one that
cannot be imported is listed as broken, and neither the others nor the station notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from drivers.contracts.common import Identity, Instrument
from drivers.contracts.printer import LabelPrinter
from drivers.contracts.relay import RelayBoard
from drivers.errors import DriverError, WrongInstrument
from drivers.probe import BadDriver, described, examine, manifest, probe
from drivers.spec import (
    BadOptions,
    Category,
    ChildOptions,
    DriverOptions,
    DriverSpec,
    need_address,
)
from drivers.transports.address import (
    Address,
    CanAddress,
    ModbusTcpAddress,
    SocketcandAddress,
    parse_address,
    wrong_address,
)

GROUP = "pulse_station.drivers"

_BUILT_IN = {
    "delta-sm15k": "drivers.delta_sm15k:driver",
    "rigol-dl3021": "drivers.rigol_dl3021:driver",
    "supply-and-load": "drivers.supply_and_load:driver",
    "keysight-34970a": "drivers.keysight_34970a:driver",
    "modbus-relay": "drivers.modbus_relay:driver",
    "nissan-leaf-bms": "drivers.nissan_leaf_bms:driver",
    "bms-can": "drivers.bms.can_pack:driver",
    "bms-serial": "drivers.bms.serial_pack:driver",
    "bms-gbt-charger": "drivers.bms.charger_pack:driver",
    "zpl-printer": "drivers.zpl_printer:driver",
    "tspl-printer": "drivers.tspl_printer:driver",
    "kunkin-kp184": "drivers.kunkin_kp184:driver",
    "itech-it8500": "drivers.itech_it8500:driver",
    "itech-it8500-scpi": "drivers.itech_it8500_scpi:driver",
    "siglent-sdl1000x": "drivers.siglent_sdl1000x:driver",
    "korad-kel103": "drivers.korad_kel103:driver",
    "maynuo-m97": "drivers.maynuo_m97:driver",
    "tti-ld400p": "drivers.tti_ld400p:driver",
    "neware-bts8": "drivers.neware_bts8:driver",
    "arbin-cti": "drivers.arbin_cti:driver",
    "maccor-macnet": "drivers.maccor_macnet:driver",
    "ea-psb10000": "drivers.ea_psb10000:driver",
    "itech-it6000c": "drivers.itech_it6000c:driver",
    "hioki-bt3562": "drivers.hioki_bt3562:driver",
    "keithley-daq6510": "drivers.keithley_daq6510:driver",
    "dcon-thermocouples": "drivers.dcon_thermocouples:driver",
    "ea-psb10000-modbus": "drivers.ea_psb10000_modbus:driver",
    "keysight-el30000": "drivers.keysight_el30000:driver",
    "serial-scanner": "drivers.serial_scanner:driver",
}


class UnknownDriver(DriverError):
    """No driver of that name is installed, or it cannot be used."""

    code = "driver.unknown"


@dataclass(frozen=True)
class CatalogueEntry:
    """One line of the catalogue: ``problem`` says why a driver cannot be used; '' when it can.

    ``package`` is the name and version of the package that brings it, '' for a built-in one. ``datasheet``
    is ``Datasheet.as_dict()``; a broken driver has only what its static manifest says.
    """

    name: str
    source: str
    title: str = ""
    category: Category | None = None
    problem: str = ""
    package: str = ""
    datasheet: Mapping[str, Any] = field(default_factory=dict)


def names() -> list[str]:
    """Get the names of all drivers, without importing one."""
    return sorted(_points())


def built_in() -> list[str]:
    """Get the names of the drivers that come with the station."""
    return sorted(_BUILT_IN)


def load_driver(name: str) -> DriverSpec:
    """Import one driver. Raises UnknownDriver saying what is wrong with it."""
    points = _points()
    point = points.get(name)
    if point is None:
        raise UnknownDriver(
            f"no driver named {name!r}",
            remedy=f"Installed drivers: {', '.join(sorted(points))}.",
            driver=name,
        )
    try:
        if name not in _BUILT_IN:
            probe(point)
        return examine(point)
    except BadDriver as error:
        raise _broken(point, str(error)) from error


def catalogue_entry(name: str) -> CatalogueEntry:
    """One driver with what it says of itself, broken or not. Raises UnknownDriver for no such name."""
    point = _points().get(name)
    if point is None:
        load_driver(name)
        raise AssertionError("unreachable")
    told: Mapping[str, Any] = {}
    problem = ""
    try:
        if name in _BUILT_IN:
            told = described(examine(point))
        else:
            told = manifest(point)
            told = probe(point)
    except BadDriver as error:
        problem = str(error)
    category = Category(told["category"]) if "category" in told else None
    return CatalogueEntry(
        name,
        point.value,
        told.get("title", ""),
        category,
        problem,
        _package(point),
        told.get("datasheet", {}),
    )


def catalogue() -> list[CatalogueEntry]:
    """List every driver with what it says of itself, broken ones included."""
    return [catalogue_entry(name) for name in names()]


def check_reference(driver: str, address: str | None, options: Mapping[str, Any] | None = None) -> None:
    """Check driver, address and options, those of a composite's parts too, without connecting.

    Raises UnknownDriver, BadOptions, TransportError (an address of no known form).
    """
    _spec, checked = _checked(driver, address, options or {})
    for name in type(checked).model_fields:
        child = getattr(checked, name)
        if isinstance(child, ChildOptions):
            try:
                check_reference(child.driver, child.address, child.options)
            except DriverError as error:  # of a pair: which of the two
                error.message = f"{name}: {error.message}"
                error.args = (error.message,)
                raise


def open_instrument(driver: str, address: str | None, options: Mapping[str, Any] | None = None) -> Instrument:
    """Open any instrument, composites included, as the bench file names it.

    Composite drivers (``supply-and-load``) take no address; their options hold
    ``supply`` and ``load``, each with ``driver``, ``address``, ``options`` and ``expect``.
    Raises UnknownDriver, BadOptions, TransportError.
    """
    spec, checked = _checked(driver, address, options or {})
    return spec.open(address, checked)


def _checked(
    driver: str, address: str | None, options: Mapping[str, Any]
) -> tuple[DriverSpec, DriverOptions]:
    spec = load_driver(driver)
    checked = spec.validate(options)
    if spec.needs_address:
        _reachable(spec, parse_address(need_address(address, driver)))
    elif address:
        raise BadOptions(
            f"driver {driver!r} takes no address of its own, not {address!r}",
            remedy="Give the addresses of its parts in its options.",
            driver=driver,
        )
    return spec, checked


_FAMILIES: dict[type, str] = {ModbusTcpAddress: "modbus-tcp", SocketcandAddress: "can", CanAddress: "can"}
"""All other links carry bytes or lines; which of those a driver takes, its transport knows best."""


def _reachable(spec: DriverSpec, address: Address) -> None:
    """Raise TransportError where the address is of a link that the driver never speaks."""
    links = spec.datasheet.links
    spoken = {link if link in _FAMILIES.values() else "" for link in links}
    if links and _FAMILIES.get(type(address), "") not in spoken:
        raise wrong_address(address.text, f"driver {spec.name!r} has another link: use {' or '.join(links)}")


def check_identity(instrument: Instrument, expect: Mapping[str, str], address: str = "") -> Identity:
    """Ask who answers and compare with ``expect`` (manufacturer, model, serial, firmware).

    An expected text must be found at the start of the answered part, without
    regard to case; the serial must be equal. A blank answer never passes, except
    for a relay board or a label printer of which nothing is expected: many have no identity at all.
    Raises WrongInstrument naming address, expected and got.
    """
    got = instrument.identify()
    where = address or str(getattr(instrument, "address", "")) or type(instrument).__name__
    known = {field.name for field in fields(Identity)}
    wrong = [name for name, text in expect.items() if name not in known or not _matches(name, text, got)]
    blank = not any((got.manufacturer.strip(), got.model.strip(), got.serial.strip()))
    if wrong or (blank and (expect or not isinstance(instrument, (RelayBoard, LabelPrinter)))):
        answered = {name: getattr(got, name) for name in sorted(known)}
        raise WrongInstrument(
            f"{where}: expected {dict(expect)}, got {answered}",
            remedy="Check the address and the cable, or correct the identity in the bench file.",
            address=where,
            expected=dict(expect),
            got=answered,
            wrong=wrong,
        )
    return got


def _matches(name: str, text: str, got: Identity) -> bool:
    answer = str(getattr(got, name)).strip().casefold()
    want = text.strip().casefold()
    if not want or not answer:
        return False
    return answer == want if name == "serial" else answer.startswith(want)


def _points() -> dict[str, EntryPoint]:
    found = {name: EntryPoint(name, value, GROUP) for name, value in _BUILT_IN.items()}
    for point in entry_points(group=GROUP):
        # A plug-in cannot take the place of a built-in driver unnoticed.
        found.setdefault(point.name, point)
    return found


def _package(point: EntryPoint) -> str:
    if point.name in _BUILT_IN or point.dist is None:
        return ""
    return f"{point.dist.name} {point.dist.version}"


def _broken(point: EntryPoint, problem: str) -> UnknownDriver:
    return UnknownDriver(
        f"driver {point.name!r} ({point.value}) cannot be used: {problem}",
        remedy="Install or repair the package that brings this driver, or remove it.",
        driver=point.name,
        problem=problem,
    )
