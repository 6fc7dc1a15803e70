"""What a line transport is: text commands out, one text line back per query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from drivers.errors import TransportError

ByteLog = Callable[[Literal["tx", "rx", "spare"], bytes], None]
"""Called with every byte sequence sent, received as a reply, or thrown away as spare."""

REMEDY_UNREACHABLE = (
    "Check that the instrument is switched on and on the network, that the address is right, "
    "or that the simulated bench is running."
)


@dataclass(frozen=True)
class LineOptions:
    """How lines end and how long to wait, in s.

    ``read_terminator`` ends a reply; a CR before it is stripped as well.
    """

    write_terminator: str = "\n"
    read_terminator: str = "\n"
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    visa_backend: str = "@py"
    baudrate: int | None = None


class LineTransport(Protocol):
    """A link that carries lines. Every failure raises TransportError naming the address.

    A reply that repeats the command is the command's own echo: the true reply is still under way, so the
    query fails and the link is out of step.

    A query that failed or was interrupted half-way leaves the link marked as out
    of step; it is reopened before the next use, so that a late reply can never
    be taken for the answer to a later question.
    """

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""

    def write(self, command: str) -> None:
        """Send one command and its terminator."""

    def query(self, command: str, timeout_s: float | None = None) -> str:
        """Send one command and return its reply without the terminator.

        Lines that arrived unasked before are thrown away first.
        """

    def drain(self) -> int:
        """Throw away what arrived unasked; returns the number of bytes."""

    def close(self) -> None:
        """Close the link. Idempotent; never raises."""


def timed_out(address: str, command: str, timeout_s: float, received: bytes = b"") -> TransportError:
    """Build the error of a query without a complete reply in time."""
    part = f" (only {received[:60]!r} arrived)" if received else ""
    return TransportError(
        f"{address}: no reply to {command!r} within {timeout_s:g} s{part}",
        remedy="Check that the instrument knows this command, is not busy, and that its cable is in place. "
        "The link is reopened before the next command.",
        address=address,
        command=command,
    )


def echoed(address: str, command: str) -> TransportError:
    """Build the error of a query whose first line came back word for word."""
    return TransportError(
        f"{address}: {command!r} itself came back",
        remedy="Turn off the echo of the instrument or of the adapter in between. "
        "The link is reopened before the next command.",
        address=address,
        command=command,
    )


def link_lost(address: str, command: str, why: object) -> TransportError:
    """Build the error of a link that broke while in use."""
    return TransportError(
        f"{address}: link lost at {command!r}: {why}",
        remedy=REMEDY_UNREACHABLE,
        address=address,
        command=command,
    )


def cannot_open(address: str, why: object) -> TransportError:
    """Build the error of a link that could not be opened."""
    return TransportError(
        f"{address}: cannot be opened: {why}",
        remedy=REMEDY_UNREACHABLE,
        address=address,
    )
