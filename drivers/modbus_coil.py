"""Modbus function 5 with its value as it stands, for boards that give other values a meaning.

The reply repeats the request: address and value, two bytes each, most significant first
(Modbus Application Protocol V1.1b3, 6.5; there only 0xFF00 and 0x0000 are legal).
"""

from __future__ import annotations

import struct

from pymodbus.pdu import ModbusPDU

ON, OFF = 0xFF00, 0x0000


class WriteCoilValue(ModbusPDU):
    """Request and reply in one."""

    function_code = 5
    rtu_frame_size = 8

    def __init__(self, address: int = 0, value: int = OFF, unit: int = 1) -> None:
        super().__init__(dev_id=unit, address=address)
        self.value = value

    def encode(self) -> bytes:
        """Address and value."""
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        """Address and value."""
        self.address, self.value = struct.unpack(">HH", data[:4])

    def get_response_pdu_size(self) -> int:
        """Function code, address, value."""
        return 5
