"""What a driver module tells the catalogue about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from drivers.contracts.common import Instrument
from drivers.datasheet import Datasheet
from drivers.errors import DriverError

API_VERSION = 1
"""Grows when a contract changes so that older drivers would do wrong."""


class Category(Enum):
    """Which contract a driver fulfils."""

    POWER = "power"
    LOAD = "load"
    SCANNER = "scanner"
    RELAY = "relay"
    BMS = "bms"
    PRINTER = "printer"
    CYCLER = "cycler"
    READER = "reader"


class DriverOptions(BaseModel):
    """Base of every driver's options: immutable, unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChildOptions(DriverOptions):
    """An instrument inside a composite driver, written like any other in the bench file.

    ``calibration`` is the station's business; the driver only lets it stand.
    """

    driver: str
    address: str | None = None
    options: dict[str, Any] = {}
    expect: dict[str, str] = {}
    calibration: dict[str, Any] | None = None


class BadOptions(DriverError):
    """The options of an instrument do not fit its driver."""

    code = "driver.options"


@dataclass(frozen=True)
class DriverSpec:
    """One driver. ``open`` gets the address (None for composites) and validated options.

    ``open`` connects and raises TransportError when it cannot; it never switches
    anything on.
    """

    name: str
    category: Category
    title: str
    open: Callable[[str | None, Any], Instrument]
    options_model: type[DriverOptions] = DriverOptions
    needs_address: bool = True
    api_version: int = API_VERSION
    datasheet: Datasheet = field(default_factory=Datasheet)

    def validate(self, options: Mapping[str, Any]) -> DriverOptions:
        """Check options against the model. Raises BadOptions naming each wrong field."""
        try:
            return self.options_model.model_validate(dict(options))
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in item['loc']) or 'options'}: "
                + ("no such option" if item["type"] == "extra_forbidden" else item["msg"])
                for item in error.errors()
            )
            known = ", ".join(sorted(self.options_model.model_fields)) or "none"
            raise BadOptions(
                f"options of driver {self.name!r}: {wrong}",
                remedy=f"Known options: {known}.",
                driver=self.name,
                wrong=wrong,
                known=known,
            ) from error


def need_address(address: str | None, driver: str) -> str:
    """Return the address. Raises BadOptions when the bench file gives none."""
    if not address:
        raise BadOptions(
            f"driver {driver!r} needs an address",
            remedy="Add 'address:' to the instrument in the bench file.",
            driver=driver,
        )
    return address
