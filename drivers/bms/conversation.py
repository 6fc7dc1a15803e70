"""Asks a pack on CAN for what it does not send by itself: one reading request at a time, over ISO-TP.

Only the transport is here (by can-isotp); answers are decoded by whoever listens to the bus, so that a reply
means the same whether this station asked for it or another tester did.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import can
import isotp

from drivers.bms.description import DiagnosticsModel, PairModel
from drivers.bms.family import Reply
from drivers.bms.uds import PENDING, is_changing, is_contactor_step, negative, reason
from drivers.errors import DriverError, TransportError

# Broken replies are told by who listens to the bus; without a handler the library would print them as well.
logging.getLogger("isotp").addHandler(logging.NullHandler())
PENDING_S = 5.0
"""P2*: how long an answer may take once the pack has said 'pending' (ISO 14229-2)."""


class WouldChange(DriverError):
    """A request that would change something in a pack was asked for. Nothing was sent."""

    code = "driver.would_change"


@dataclass(frozen=True)
class Answer:
    """What came of a request: ``payload`` when the pack answered, else why not."""

    payload: bytes | None
    why_not: str = ""
    refused: bool = False


class Conversation:
    """One pair of identifiers. ``hear`` is called by the receiving thread, ``ask`` by any other."""

    def __init__(
        self,
        send: Callable[[can.Message], None],
        pair: PairModel,
        manners: DiagnosticsModel,
        pause: Callable[[float], bool],
    ) -> None:
        self.pair = pair
        self._send = send
        self._manners = manners
        self._pause = pause
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._one = threading.Lock()
        self.sent: Counter[bytes] = Counter()
        """How often each request was sent, repeats among them."""
        kind = isotp.AddressingMode.Normal_29bits if pair.extended else isotp.AddressingMode.Normal_11bits
        self._layer = isotp.TransportLayerLogic(
            rxfn=self._receive,
            txfn=self._transmit,
            address=isotp.Address(kind, txid=pair.request_id, rxid=pair.reply_id),
            params={
                "stmin": manners.st_min_ms,
                "blocksize": manners.block_size,
                "tx_padding": manners.padding,
                "can_fd": pair.fd,
            },
        )

    def hear(self, data: bytes) -> None:
        """Take a frame with the reply identifier."""
        self._frames.put(data)

    def ask(self, reply: Reply) -> Answer:
        """Send the request of ``reply`` and wait for the answer. Raises TransportError, WouldChange."""
        if is_changing(reply.request):
            raise WouldChange(f"{reply.request.hex(' ')} would change something in the pack: not sent")
        return self._asked(reply.request, reply.reply, self._manners.tries)

    def drive(self, request: bytes, reply: bytes) -> Answer:
        """Send a step of a contactor sequence, once. Raises TransportError, WouldChange."""
        if not is_contactor_step(request):
            raise WouldChange(f"{request.hex(' ')} is no step of contactors: not sent")
        return self._asked(request, reply, 1)

    def tell(self, request: bytes) -> None:
        """Send a step that wants no answer. Raises TransportError, WouldChange."""
        if not is_contactor_step(request):
            raise WouldChange(f"{request.hex(' ')} is no step of contactors: not sent")
        with self._one:
            self._layer.reset()
            self._layer.send(request)
            self._layer.process(rx_timeout=0.0)

    def _asked(self, request: bytes, reply: bytes, tries: int) -> Answer:
        with self._one:
            answer = Answer(None, "not asked")
            for attempt in range(tries):
                if attempt and self._pause(self._manners.quiet_s):
                    break
                answer = self._once(request, reply)
                if answer.payload is not None or answer.refused:
                    break
            self._pause(self._manners.quiet_s)
            return answer

    def _once(self, request: bytes, reply: bytes) -> Answer:
        self._layer.reset()
        while not self._frames.empty():
            self._frames.get_nowait()
        self.sent[request] += 1
        self._layer.send(request)
        left_s = self._manners.timeout_s
        while left_s > 0:
            self._layer.process(rx_timeout=0.0)
            payload = self._layer.recv()
            if payload is None:
                if self._pause(0.001):
                    return Answer(None, "closed")
                left_s -= 0.001
                continue
            data = bytes(payload)
            refused = negative(data)
            if refused is not None and refused[0] == request[0]:
                if refused[1] == PENDING:
                    left_s = PENDING_S
                    continue
                return Answer(None, reason(refused[1]), refused=True)
            if data.startswith(reply):
                return Answer(data)
        return Answer(None, f"no answer within {self._manners.timeout_s:g} s")

    def _receive(self, timeout: float) -> isotp.CanMessage | None:
        try:
            data = self._frames.get(timeout=timeout) if timeout > 0 else self._frames.get_nowait()
        except queue.Empty:
            return None
        return isotp.CanMessage(
            arbitration_id=self.pair.reply_id, data=data, extended_id=self.pair.extended, is_fd=self.pair.fd
        )

    def _transmit(self, message: isotp.CanMessage) -> None:
        self._send(
            can.Message(
                arbitration_id=message.arbitration_id,
                data=message.data,
                is_extended_id=self.pair.extended,
                is_fd=self.pair.fd,
            )
        )


__all__ = ["Answer", "Conversation", "TransportError", "WouldChange"]
