"""Where the recordings of the tests are, and frames made by hand."""

from __future__ import annotations

from pathlib import Path

import can

CAN = Path(__file__).parents[2] / "data" / "can"
KONA = CAN / "kona-cc0"
GBT = CAN / "gbt27930" / "charger_bms_session.log"
UART = CAN / "uart-frames" / "frames.json"


def frame(t_s: float, name: int, data: bytes, extended: bool = False) -> can.Message:
    return can.Message(
        timestamp=t_s, arbitration_id=name, is_extended_id=extended, data=data, is_fd=len(data) > 8
    )


def isotp_frames(name: int, payload: bytes, t_s: float = 0.0, gap_s: float = 0.01) -> list[can.Message]:
    """A payload as classic ISO-TP frames, from the standard's text."""
    if len(payload) < 8:
        return [frame(t_s, name, bytes([len(payload)]) + payload)]
    head = bytes([0x10 | len(payload) >> 8, len(payload) & 0xFF])
    frames = [frame(t_s, name, head + payload[:6])]
    for number, at in enumerate(range(6, len(payload), 7), 1):
        part = payload[at : at + 7].ljust(7, b"\xaa")
        frames.append(frame(t_s + number * gap_s, name, bytes([0x20 | number & 15]) + part))
    return frames
