"""The XML of Neware's BTS 8 server: requests, and replies that are never trusted further than they go.

Facts: captures of a BTS 8.0 and the open client aurora-neware. A message is one XML document followed by
two line feeds and ``#`` CR LF (``#`` CR LF alone is taken, too); two replies are misspelt (``donwload_resp``,
``donwloadlog_resp``); a reply may say ``subdevid="1"`` for another sub-device, and a wrong ``count``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from drivers.errors import InstrumentError, TransportError
from drivers.transports.line import link_lost

END = b"#\r\n"
TERMINATOR = b"\n\n#\r\n"
_MISSPELT = {"download": "donwload_resp", "downloadlog": "donwloadlog_resp"}


@dataclass(frozen=True)
class Place:
    """Where a channel is: device type, device, sub-device, channel, and the address of its middle machine."""

    devtype: int
    devid: int
    subdevid: int
    chlid: int
    ip: str = "127.0.0.1"

    def __str__(self) -> str:
        return f"{self.devid}-{self.subdevid}-{self.chlid}"

    def attributes(self, *, ip: bool = True) -> str:
        """As requests name it."""
        place = (
            f'devtype="{self.devtype}" devid="{self.devid}" subdevid="{self.subdevid}" chlid="{self.chlid}"'
        )
        return f"ip={quoteattr(self.ip)} {place}" if ip else place


def message_size(data: bytes) -> int:
    """Length of the first message; 0 while it is incomplete."""
    at = data.find(END)
    return 0 if at < 0 else at + len(END)


def request(command: str, body: str = "") -> bytes:
    """One request. ``body`` is XML."""
    text = f'<?xml version="1.0" encoding="UTF-8" ?><bts version="1.0"><cmd>{command}</cmd>{body}</bts>'
    return text.encode() + TERMINATOR


def one(tag: str, place: Place, text: str, extra: str = "", behind: str = "") -> str:
    """A list of one channel; ``behind`` is XML that follows it."""
    attributes = f"{place.attributes()} {extra}".rstrip()
    return f'<list count = "1"><{tag} {attributes}>{escape(text)}</{tag}>{behind}</list>'


def parse(reply: bytes, command: str, address: str) -> ElementTree.Element:
    """The root of the reply to ``command``. Raises TransportError for what is no such reply."""
    text = reply.removesuffix(END).strip()
    # No entity is ever expanded: a reply has no use for them.
    if b"<!" in text:
        raise link_lost(address, command, "the reply declares entities")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise link_lost(address, command, f"the reply is no XML: {error}") from error
    said = (root.findtext("cmd") or "").strip()
    if root.tag != "bts" or said not in (f"{command}_resp", _MISSPELT.get(command)):
        raise TransportError(
            f"{address}: {said or root.tag!r} came in answer to {command!r}",
            remedy="Check that nothing else answers at this address.",
            address=address,
            command=command,
        )
    return root


def entry(root: ElementTree.Element, tag: str, command: str, address: str) -> ElementTree.Element:
    """The one entry of the reply's list; its ``count`` is not trusted. Raises InstrumentError."""
    found = root.findall(f"list/{tag}")
    if len(found) != 1:
        raise unexpected(address, command, f"{len(found)} entries for one channel")
    return found[0]


def rows(root: ElementTree.Element) -> list[Mapping[str, str]]:
    """The rows of a download."""
    return [row.attrib for row in root.findall("list/data")]


def whole(attributes: Mapping[str, str], name: str, command: str, address: str) -> int:
    """A whole number that must be there. Raises InstrumentError."""
    text = attributes.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise unexpected(address, command, f"{name}={text[:40]!r} is no whole number")
    return int(text)


def unexpected(address: str, command: str, why: str) -> InstrumentError:
    """The server answered, but not what it is known to answer."""
    return InstrumentError(
        f"{address}: {command}: {why}",
        remedy="Check the server's version (BTS 8 is known) and the channel in the bench file.",
        address=address,
        error_code=0,
        text=why,
        command=command,
    )
