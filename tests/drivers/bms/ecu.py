"""A controller for tests: can-isotp carries, udsoncan reads requests and forms answers."""

from __future__ import annotations

import threading

import can
import isotp
import udsoncan
from udsoncan import Request, Response


class Ecu:
    """Answers what ``data`` holds by identifier; refuses the rest; records every request."""

    def __init__(self, bus: can.BusABC, data: dict[int, bytes]) -> None:
        self.bus = bus
        self.data = data
        self.requests: list[bytes] = []
        self.pending_first: set[int] = set()
        self.silent: set[int] = set()
        self._stop = threading.Event()
        self._notifier = can.Notifier(bus, [], timeout=0.02)
        address = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7EC, rxid=0x7E4)
        self._stack = isotp.NotifierBasedCanStack(
            bus, self._notifier, address=address, params={"tx_padding": 0xAA}
        )
        self._stack.start()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            payload = self._stack.recv(block=True, timeout=0.02)
            if payload is not None:
                self.requests.append(bytes(payload))
                self._answer(Request.from_payload(bytes(payload)))

    def _answer(self, request: Request) -> None:
        service = request.service
        if service is udsoncan.services.ReadDataByIdentifier:
            identifier = int.from_bytes(request.data[:2], "big")
            if identifier in self.silent:
                return
            if identifier in self.pending_first:
                self._send(Response(service, Response.Code.RequestCorrectlyReceived_ResponsePending))
            if identifier in self.data:
                body = request.data[:2] + self.data[identifier]
                self._send(Response(service, Response.Code.PositiveResponse, data=body))
            else:
                self._send(Response(service, Response.Code.RequestOutOfRange))
        else:
            self._send(Response(service, Response.Code.ServiceNotSupported))

    def _send(self, response: Response) -> None:
        self._stack.send(response.get_payload())

    def broadcast(self, name: int, data: bytes) -> None:
        self.bus.send(can.Message(arbitration_id=name, data=data, is_extended_id=False))

    def close(self) -> None:
        self._stop.set()
        self._thread.join(30)
        self._stack.stop()
        self._notifier.stop()
        self.bus.shutdown()
