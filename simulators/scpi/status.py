"""IEEE 488.2 common commands and status registers over a device's error queue.

*CLS *ESE *ESR? *IDN? *OPC *OPC? *RST *SRE *STB? *TST? *WAI, the error queue, and SCPI's OPERation and
QUEStionable registers (condition, event, enable), as SCPI-99 volume 2, 20 has them; without ``registers``
for an instrument whose sources name no such trees, without ``queue`` where errors show in *ESR? only.
"""

from __future__ import annotations

from collections.abc import Callable

from simulators.scpi.device import ScpiDevice
from simulators.scpi.errors import ScpiError
from simulators.scpi.parameters import number

_COMMAND, _EXECUTION, _DEVICE, _QUERY = 32, 16, 8, 4
_POWER_ON, _COMPLETE = 128, 1


class Register:
    """A condition that is asked for, an event that remembers, an enable mask."""

    def __init__(self, condition: Callable[[], int]) -> None:
        self._condition = condition
        self._seen = 0
        self._event = 0
        self.enable = 0

    def condition(self) -> int:
        """Now; a bit that rose since the last look is noted as an event."""
        now = self._condition()
        self._event |= now & ~self._seen
        self._seen = now
        return now

    def take_event(self) -> int:
        """The events since the last reading, which clears them."""
        self.condition()
        event, self._event = self._event, 0
        return event

    def summary(self) -> bool:
        """Whether an enabled event is pending."""
        self.condition()
        return bool(self._event & self.enable)

    def clear(self) -> None:
        """Forget the events."""
        self.take_event()


class StatusModel:
    """Registers all of it in a device's table."""

    def __init__(
        self,
        device: ScpiDevice,
        *,
        identity: Callable[[], str],
        reset: Callable[[], None],
        operation: Callable[[], int] = lambda: 0,
        questionable: Callable[[], int] = lambda: 0,
        error_text: Callable[[ScpiError | None], str] | None = None,
        version: str = "",
        registers: bool = True,
        queue: bool = True,
    ) -> None:
        self.operation = Register(operation)
        self.questionable = Register(questionable)
        self._device, self._queue = device, queue
        self._event, self._event_enable, self._service_enable = _POWER_ON, 0, 0
        self._show = error_text or _quoted
        self._push = device.errors.push
        device.errors.push = self._note  # type: ignore[method-assign]
        add = device.table.add
        add("*IDN?", lambda _: identity())
        add("*RST", lambda _: reset())
        add("*CLS", lambda _: self.clear())
        add("*TST?", lambda _: "0")
        add("*WAI", lambda _: None)
        add("*OPC", lambda _: self._complete())
        add("*OPC?", lambda _: "1")
        add("*ESR?", lambda _: self._take_event())
        add("*STB?", lambda _: str(self.byte()))
        self._mask("*ESE", "_event_enable")
        self._mask("*SRE", "_service_enable")
        if queue:
            add("SYSTem:ERRor[:NEXT]?", lambda _: self._show(device.errors.pop()))
            add("SYSTem:ERRor:COUNt?", lambda _: str(len(device.errors)))
            add("SYSTem:VERSion?", lambda _: version or "1999.0")
        if registers:
            add("STATus:PRESet", lambda _: self._preset())
            self._register("OPERation", self.operation)
            self._register("QUEStionable", self.questionable)

    def byte(self) -> int:
        """The status byte: 4 error queue, 8 questionable, 32 standard event, 128 operation, 64 summary."""
        byte = 4 * bool(self._queue and len(self._device.errors)) | 8 * self.questionable.summary()
        byte |= 32 * bool(self._event & self._event_enable) | 128 * self.operation.summary()
        return byte | 64 * bool(byte & self._service_enable & ~64)

    def clear(self) -> None:
        """``*CLS``: queue and events, not the masks."""
        self._device.errors.clear()
        self._event = 0
        self.operation.clear()
        self.questionable.clear()

    def _note(self, error: ScpiError) -> None:
        family = -error.code // 100
        self._event |= {1: _COMMAND, 2: _EXECUTION, 4: _QUERY}.get(family, _DEVICE)
        self._push(error)

    def _take_event(self) -> str:
        event, self._event = self._event, 0
        return str(event)

    def _complete(self) -> None:
        self._event |= _COMPLETE

    def _mask(self, header: str, name: str) -> None:
        def write(text: str) -> None:
            setattr(self, name, int(number(text, 0, 255)))

        self._device.table.add(header, write)
        self._device.table.add(f"{header}?", lambda _: str(getattr(self, name)))

    def _register(self, name: str, register: Register) -> None:
        def enable(text: str) -> None:
            register.enable = int(number(text, 0, 65535))

        add = self._device.table.add
        add(f"STATus:{name}:CONDition?", lambda _: str(register.condition()))
        add(f"STATus:{name}[:EVENt]?", lambda _: str(register.take_event()))
        add(f"STATus:{name}:ENABle", enable)
        add(f"STATus:{name}:ENABle?", lambda _: str(register.enable))

    def _preset(self) -> None:
        self.operation.enable = self.questionable.enable = 0


def _quoted(error: ScpiError | None) -> str:
    return '0,"No error"' if error is None else f'{error.code},"{error.text}"'
