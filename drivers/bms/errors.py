"""What can be wrong with a description or a recording; the command line ends with their exit codes."""

from __future__ import annotations

from typing import ClassVar

from drivers.errors import DriverError, TransportError


class BadDescription(DriverError):
    """A family's description cannot be used; params name file, line and field."""

    code = "driver.description"
    exit_code: ClassVar[int] = 2


class UnknownFamily(DriverError):
    """No family of that name is described."""

    code = "driver.family"
    exit_code: ClassVar[int] = 2


class BadLog(DriverError):
    """A recording cannot be read, or holds no frame."""

    code = "driver.log"
    exit_code: ClassVar[int] = 6


class SilentPack(TransportError):
    """Nothing of this family is heard."""

    code = "driver.bms_silent"


class TwoPacks(DriverError):
    """More than one controller answers on one bus."""

    code = "driver.bms_two_packs"
