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


class LogMissing(BadLog):
    """There is no such file."""

    code = "driver.log_missing"


class LogUnreadable(BadLog):
    """It is a folder, or may not be read."""

    code = "driver.log_unreadable"


class LogEmpty(BadLog):
    """Nothing stands in it."""

    code = "driver.log_empty"


class LogPacked(BadLog):
    """It is packed, and damaged so that nothing can be unpacked."""

    code = "driver.log_packed"


class LogForm(BadLog):
    """A form that is not read here."""

    code = "driver.log_form"


class NoFrames(BadLog):
    """No CAN frame can be read in it."""

    code = "driver.log_no_frames"


class NoBytes(BadLog):
    """It holds no bytes of a serial line."""

    code = "driver.log_no_bytes"


class NoSuchBus(BadLog):
    """It holds other buses than the one asked for."""

    code = "driver.log_bus"


class LogEnding(BadLog):
    """The name of a file to write says no form that is known."""

    code = "driver.log_ending"


class NoPlaceForFd(BadLog):
    """The form to write cannot hold frames of CAN FD as it is written here."""

    code = "driver.log_no_fd"


class BadReplay(BadLog):
    """It cannot be played like this."""

    code = "driver.log_replay"


class SilentPack(TransportError):
    """Nothing of this family is heard."""

    code = "driver.bms_silent"


class TwoPacks(DriverError):
    """More than one controller answers on one bus."""

    code = "driver.bms_two_packs"
