"""Decodes a whole recording of a family and says what is in it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import can
import numpy as np

from drivers.bms.decoder import CanDecoder
from drivers.bms.errors import NoSuchBus
from drivers.bms.family import Family
from drivers.bms.late_values import Found
from drivers.bms.layout import Value
from drivers.bms.log_files import Recording, read_log
from drivers.bms.log_series import Series
from drivers.bms.plausible import without_impossible
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.serial_frames import SerialFrame
from drivers.bms.serial_logs import Chunk, read_serial_log
from drivers.bms.signals import SignalStore


@dataclass
class Decoded:
    """What a recording holds."""

    family: Family
    form: str
    frames: Counter[str]
    duration_s: float
    lines_left_out: int
    series: list[Series]
    store: SignalStore
    faults_seen: list[str]
    periods: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    exchanges: list[tuple[float, str, bytes]] = field(default_factory=list)
    channels: dict[str, int] = field(default_factory=dict)
    channel: str = ""
    start_s: float = 0.0
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubles: int = 0

    def of(self, name: str, number: int | None = None) -> Series | None:
        """One signal's series; None when it never came."""
        return next((s for s in self.series if (s.name, s.number) == (name, number)), None)

    def members(self, name: str) -> list[Series]:
        """The series of every member of a numbered signal, in order."""
        found = [s for s in self.series if s.name == name and s.number is not None]
        return sorted(found, key=lambda series: series.number or 0)


class _Collector:
    def __init__(self) -> None:
        self.start_s: float | None = None
        self.series: dict[tuple[str, int | None], Series] = {}
        self.faults: dict[str, float] = {}
        self.told: dict[str, Any] | None = None

    def __call__(self, t_s: float, value: Value) -> None:
        found = value.field
        series = self.series.get((found.name, value.number))
        if series is None:
            series = self.series[found.name, value.number] = Series(
                found.name, value.number, found.unit, found.resolution,
                found.evidence, found.group, found.source,
            )  # fmt: skip
        if self.told is not None:
            if value.number is None:
                self.told[found.name] = _clean(value.value)
            else:
                self.told.setdefault(found.name, []).append(_clean(value.value))
        series.times_s.append(t_s - (self.start_s or 0.0))
        series.values.append(value.value)
        if found.fault and (value.raw in found.fault_when if found.fault_when else value.raw):
            self.faults.setdefault(found.fault, t_s)

    def add(self, found: list[Found]) -> None:
        """Values that were read at once, among those that came one by one."""
        start_s = self.start_s or 0.0
        for one, wrong_at in found:
            field = one.field
            if wrong_at.size:
                at_s = float(one.times_s[wrong_at[0]])
                self.faults[field.fault] = min(at_s, self.faults.get(field.fault, at_s))
            values: list[float | str | None] = one.values.tolist()
            for row in np.flatnonzero(np.isnan(one.values)).tolist():
                values[row] = None
            times = (one.times_s - start_s).tolist()
            before = self.series.get((field.name, one.number))
            if before is None:
                self.series[field.name, one.number] = Series(
                    field.name, one.number, field.unit, field.resolution,
                    field.evidence, field.group, field.source, times, values,
                )  # fmt: skip
            else:
                both = sorted(
                    zip([*before.times_s, *times], [*before.values, *values], strict=True),
                    key=lambda at: at[0],
                )
                before.times_s, before.values = [t for t, _ in both], [v for _, v in both]
        self.series = dict(sorted(self.series.items(), key=lambda item: item[1].times_s[0]))
        self.faults = dict(sorted(self.faults.items(), key=lambda item: item[1]))


def decode_log(family: Family, path: Path, channel: str = "") -> Decoded:
    """Decode a recording. Of several buses in one file the one that speaks this family is taken.

    Raises BadLog.
    """
    if family.model.bus == "serial":
        return _decode_serial(family, path)
    recording = read_log(path)
    best = _best_bus(family, recording, path, channel)
    decoder, collector = best.decoder, best.collector
    without_impossible(collector.series.values(), decoder.store, collector.start_s or 0.0)
    return Decoded(
        family,
        recording.form,
        decoder.frames,
        recording.duration_s,
        recording.left_out,
        list(collector.series.values()),
        decoder.store,
        list(collector.faults),
        decoder.periods(),
        [(e.t_s - (collector.start_s or 0.0), e.said, e.payload) for e in decoder.exchanges],
        {bus: len(frames) for bus, frames in buses_of(recording.frames).items()},
        best.name,
        collector.start_s or 0.0,
        doubles=recording.doubles,
    )


@dataclass
class _Bus:
    """One bus of a recording and what it holds of the family."""

    name: str
    frames: list[can.Message]
    decoder: CanDecoder
    collector: _Collector


def _best_bus(family: Family, recording: Recording, path: Path, channel: str) -> _Bus:
    """The bus on which most of this family was heard. Raises NoSuchBus."""
    best: _Bus | None = None
    for told in (recording.frames, recording.other):
        for name, frames in buses_of(told, channel).items():
            one = _Bus(name, frames, *decode_frames(family, frames))
            if best is None or one.decoder.frames["used"] > best.decoder.frames["used"]:
                best = one
    if best is not None:
        return best
    buses = ", ".join(buses_of(recording.frames))
    raise NoSuchBus(
        f"{path}: there is no bus {channel!r}",
        remedy=f"Give one of {buses}.",
        file=str(path),
        bus=channel,
        buses=buses,
    )


def frames_of(family: Family, path: Path, channel: str = "") -> list[can.Message]:
    """The frames of the bus on which this family speaks, as ``decode_log`` takes it. Raises BadLog."""
    recording = read_log(path)
    if not channel and not recording.other and len(buses_of(recording.frames)) == 1:
        return recording.frames
    return _best_bus(family, recording, path, channel).frames


def buses_of(frames: list[can.Message], channel: str = "") -> dict[str, list[can.Message]]:
    """The frames of each bus in a recording, or of ``channel`` alone."""
    buses: dict[str, list[can.Message]] = defaultdict(list)
    for frame in frames:
        if not channel or channel == str(frame.channel):
            buses[str(frame.channel)].append(frame)
    return buses


def decode_frames(family: Family, frames: list[can.Message]) -> tuple[CanDecoder, _Collector]:
    """Decode the frames of one bus, in the order of the list."""
    collector = _Collector()
    decoder = CanDecoder(family, collector, late=True, recorded=True)
    for frame in frames:
        if collector.start_s is None:
            collector.start_s = frame.timestamp
        if frame.is_error_frame:
            decoder.on_error_frame(frame.timestamp)
        elif not frame.is_remote_frame:
            decoder.on_frame(frame.timestamp, frame.arbitration_id, frame.is_extended_id, bytes(frame.data))
    decoder.end()
    if decoder.late is not None:
        collector.add(decoder.late.read(decoder.store))
    return decoder, collector


def _decode_serial(family: Family, path: Path) -> Decoded:
    assert family.model.line is not None
    chunks = read_serial_log(path, family.model.line.framing)
    collector = _Collector()
    collector.start_s = chunks[0].t_s
    decoder = SerialDecoder(family, collector, recorded=True)
    stored: dict[str, dict[str, Any]] = {}
    for chunk in chunks:
        if chunk.label:
            collector.told = {}
            _stored(decoder, chunk)
            stored[chunk.label] = collector.told
        else:
            decoder.on_bytes(chunk.t_s, chunk.data)
    decoder.end()
    without_impossible(collector.series.values(), decoder.store, chunks[0].t_s)
    return Decoded(
        family,
        "serial",
        decoder.frames,
        chunks[-1].t_s - chunks[0].t_s,
        0,
        list(collector.series.values()),
        decoder.store,
        list(collector.faults),
        start_s=chunks[0].t_s,
        stored=stored,
    )


def _stored(decoder: SerialDecoder, chunk: Chunk) -> None:
    """Bytes under a name of their own: a frame, or, where there is none, a payload that a reply's name
    tells.
    """
    before = decoder.framing.noise
    frames = decoder.on_bytes(chunk.t_s, chunk.data)
    if not frames:
        for frame in _bare(decoder, chunk):
            decoder.on_serial_frame(chunk.t_s, frame)
            frames = [frame]
    if frames:
        decoder.framing.discard()
        decoder.framing.noise = before
    else:
        for frame in decoder.framing.end():
            decoder.on_serial_frame(chunk.t_s, frame)


def _bare(decoder: SerialDecoder, chunk: Chunk) -> list[SerialFrame]:
    label = chunk.label.lower()
    for reply in decoder.family.replies:
        if label == reply.key or (reply.name and label.startswith(reply.name)):
            return decoder.framing.bare(reply.key, chunk.data)
    return []


def summary(decoded: Decoded, series: bool = False) -> dict[str, Any]:
    """Plain data of a decoded recording, for JSON: SI units, current positive while charging."""
    model = decoded.family.model
    plain = [s for s in decoded.series if s.number is None]
    numbered = {s.name for s in decoded.series if s.number is not None}
    body: dict[str, Any] = {
        "family": model.family,
        "title": model.title,
        "evidence": model.evidence,
        "evidence_note": model.evidence_note,
        "form": decoded.form,
        "duration_s": round(decoded.duration_s, 6),
        "frames": dict(decoded.frames),
        "lines_left_out": decoded.lines_left_out,
        "doubles_left_out": decoded.doubles,
        "channels": decoded.channels,
        "channel": decoded.channel,
        "signals": {s.name: _statistics(s, decoded, series) for s in plain},
        "members": {name: _numbered(decoded, name, series) for name in sorted(numbered)},
        "faults": decoded.faults_seen,
        "findings": [
            {
                "kind": f.kind,
                "where": f.where,
                "count": f.count,
                "first_s": round(f.first_s - decoded.start_s, 6),
                "last_s": round(f.last_s - decoded.start_s, 6),
                "detail": f.detail,
            }
            for f in decoded.store.findings()
        ],
        "messages": {
            name: {"count": count, "period_s": None if period is None else round(period, 6)}
            for name, (count, period) in decoded.periods.items()
        },
    }
    if decoded.stored:
        body["stored"] = decoded.stored
    if decoded.exchanges:
        body["diagnostics"] = [
            {"t_s": round(t, 6), "said": said, "payload": payload.hex()}
            for t, said, payload in decoded.exchanges
        ]
    return body


def _statistics(found: Series, decoded: Decoded, series: bool) -> dict[str, Any]:
    numbers = found.numbers()
    body: dict[str, Any] = {
        "unit": found.unit,
        "resolution": _clean(found.resolution),
        "evidence": found.evidence,
        "source": found.source,
        "group": found.group,
        "count": len(found.values),
        "not_available": sum(value is None for value in found.values),
        "value": _clean(found.values[-1]),
        "age_s": round(max(0.0, decoded.duration_s - found.times_s[-1]), 6),
        "first_s": round(found.times_s[0], 6),
        "last_s": round(found.times_s[-1], 6),
    }
    if numbers:
        body |= {
            "first": _clean(numbers[0]),
            "last": _clean(numbers[-1]),
            "min": _clean(min(numbers)),
            "max": _clean(max(numbers)),
            "mean": _clean(math.fsum(numbers) / len(numbers)),
        }
    if series:
        body["series"] = [
            [round(t, 6), _clean(value)] for t, value in zip(found.times_s, found.values, strict=True)
        ]
    return body


def _numbered(decoded: Decoded, name: str, series: bool) -> dict[str, Any]:
    members = decoded.members(name)
    numbers = [n for s in members for n in s.numbers()]
    body: dict[str, Any] = {
        "unit": members[0].unit,
        "resolution": _clean(members[0].resolution),
        "evidence": members[0].evidence,
        "group": members[0].group,
        "count": len(members),
        "numbers": [s.number for s in members],
        "values": [_clean(s.values[-1]) for s in members],
        "last_s": [round(s.times_s[-1], 6) for s in members],
    }
    if numbers:
        body |= {"min": _clean(min(numbers)), "max": _clean(max(numbers))}
    if series:
        body["series"] = [
            [[round(t, 6), _clean(v)] for t, v in zip(s.times_s, s.values, strict=True)] for s in members
        ]
    return body


def _clean(value: float | str | None) -> float | str | None:
    """Without the dust of binary fractions."""
    return float(f"{value:.9g}") if isinstance(value, float) else value
