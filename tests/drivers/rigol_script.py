"""Scripted DL3021 answers from the protocol facts: power-on values, kept setpoints."""

from __future__ import annotations

from tests.drivers.line_server import Answer, LineServer

IDN = "RIGOL TECHNOLOGIES,DL3021,DL3A192800177,00.01.05.00.01"


class ScriptedDL3021:
    """Keeps what is written; ``spare`` adds the second line that some firmware sends."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {
            "INP": "0",
            "FUNC": "CC",
            "FUNC:MODE": "WAV",
            "CURR:LEV:IMM": "0.0000",
            "CURR:RANG": "4",
            "CURR:VLIM": "155.000",
            "CURR:ILIM": "70.0000",
            "SENS": "0",
        }
        self.fixed: dict[str, Answer] = {
            "*IDN?": IDN,
            "MEAS:VOLT?": "3.700000",
            "MEAS:CURR?": "0.000067",
        }
        self.errors: list[str] = []
        self.ignore: set[str] = set()
        self.spare = b""
        self.server = LineServer(self.answer)

    def answer(self, command: str) -> Answer:
        reply = self._reply(command)
        return reply.encode() + b"\n" + self.spare if isinstance(reply, str) and self.spare else reply

    def _reply(self, command: str) -> Answer:
        if command in self.fixed:
            return self.fixed[command]
        if command == "SYST:ERR?":
            return self.errors.pop(0) if self.errors else '0,"No error"'
        if command.endswith("?"):
            return self.values.get(command[:-1])
        name, _, value = command.partition(" ")
        if name in self.ignore:
            return None
        self.values[name] = "CC" if name == "FUNC" else value
        return None
