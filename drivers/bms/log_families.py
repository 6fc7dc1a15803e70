"""Which families a recording may be of: those whose frames it holds, with right lengths and checksums."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drivers.bms.decoder import CanDecoder
from drivers.bms.errors import BadLog
from drivers.bms.family import Family, families, load_family
from drivers.bms.log_decode import buses_of, decode_frames
from drivers.bms.log_files import read_log
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.serial_logs import Chunk, read_serial_log

_FRAMES_MAX = 20_000
"""So many frames of each bus are enough to tell."""
_TIMES_LESS = 5
"""A family with fewer than a fifth of the kinds of the best one only shares identifiers with it."""


@dataclass(frozen=True)
class Proposal:
    """A family that fits. ``kinds`` of its ``known`` messages and answers were heard, in ``used`` frames.

    ``wrong``: frames with its identifiers whose length, checksum or counter is wrong.
    """

    family: str
    title: str
    kinds: int
    known: int
    used: int
    wrong: int
    channel: str = ""

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def proposals(path: Path) -> list[Proposal]:
    """The families that a recording fits, the best first. Raises BadLog where nothing in it can be read."""
    described = [load_family(name) for name in families()]
    found: list[Proposal] = []
    trouble: BadLog | None = None
    try:
        recording = read_log(path)
    except BadLog as error:
        trouble = error
    else:
        for told in (recording.frames, recording.other):
            for bus, frames in buses_of(told).items():
                for family in described:
                    if family.model.bus != "serial":
                        decoder, _ = decode_frames(family, frames[:_FRAMES_MAX])
                        found.append(_on_can(family, decoder, bus))
    try:
        for family in described:
            if family.model.line is not None:
                found.append(_on_a_line(family, read_serial_log(path, family.model.line.framing)))
    except BadLog as error:
        if trouble is not None:
            raise trouble from error
    return _best(found)


def _on_can(family: Family, decoder: CanDecoder, bus: str) -> Proposal:
    frames, answers = decoder.frames, decoder.answered
    sent = {message.name for message in family.messages if message.from_pack}
    kinds = len(sent & decoder.good()) + len(answers)
    wrong = frames["length_wrong"] + frames["checksum_wrong"] + frames["frozen"]
    known = len(sent) + len(family.replies)
    return Proposal(family.name, family.model.title, kinds, known, frames["used"], wrong, bus)


def _on_a_line(family: Family, chunks: list[Chunk]) -> Proposal:
    decoder = SerialDecoder(family)
    for chunk in chunks:
        decoder.on_bytes(chunk.t_s, chunk.data)
        if chunk.label:
            decoder.framing.discard()
    decoder.end()
    frames = decoder.frames
    wrong = frames["length_wrong"] + frames["checksum_wrong"]
    known = len(family.replies)
    return Proposal(family.name, family.model.title, len(decoder.answered), known, frames["used"], wrong)


def _best(found: list[Proposal]) -> list[Proposal]:
    best: dict[str, Proposal] = {}
    for one in found:
        if one.used and one.used > one.wrong and (one.family not in best or one.used > best[one.family].used):
            best[one.family] = one
    ordered = sorted(best.values(), key=lambda one: (one.kinds, one.used), reverse=True)
    return [one for one in ordered if one.kinds * _TIMES_LESS >= ordered[0].kinds]
