"""Scripted SM15K answers, from the protocol facts alone: setpoints are kept, the rest is fixed."""

from __future__ import annotations

from tests.drivers.line_server import Answer, LineServer

IDN = "DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0"
FIXED = {
    "*IDN?": IDN,
    "SOURCE:VOLTAGE:MAXIMUM?": "500",
    "SOURCE:CURRENT:MAXIMUM?": "90",
    "SOURCE:CURRENT:NEGATIVE:MAXIMUM?": "-90",
    "SOURCE:POWER:MAXIMUM?": "15000",
    "SOURCE:POWER:NEGATIVE:MAXIMUM?": "-15000",
    "SOURCE:VOLTAGE:STEPSIZE?": "1.055900000000000e-02",
    "SOURCE:CURRENT:STEPSIZE?": "2.000000000000000e-03",
    "MEASURE:VOLTAGE?": "360.1234",
    "MEASURE:CURRENT?": "0.0000",
    "STATUS:REGISTER:A?": "2048",
}


class ScriptedSM15K:
    """Answers like the manual says; ``override`` replaces single answers, by upper-case command."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {"OUTPUT": "0", "PROGRAM:SELECTED:STATE": "STOP"}
        self.steps: dict[int, str] = {}
        self.errors: list[str] = []
        self.override: dict[str, Answer] = {}
        self.ignore: set[str] = set()
        self.server = LineServer(self.answer)

    def answer(self, command: str) -> Answer:
        text = command.upper()
        if text in self.override:
            return self.override[text]
        if text in FIXED:
            return FIXED[text]
        if text == "SYSTEM:ERROR?":
            return self.errors.pop(0) if self.errors else "0,None"
        if text == "*CLS":
            self.errors.clear()
            return None
        if text.startswith("PROGRAM:SELECTED:STEP "):
            return self._step(command[len("PROGRAM:SELECTED:STEP ") :])
        if text.endswith("?"):
            return self._stored(text[:-1])
        name, _, value = text.partition(" ")
        if name in self.ignore:
            return None
        if name == "SYSTEM:COMMUNICATE:WATCHDOG":
            word, _, number = value.partition(",")
            self.values["WATCHDOG"] = number if word == "SET" else "-1"
        elif name == "PROGRAM:SELECTED:STATE":
            self.values[name] = "RUN,1" if value == "RUN" else "STOP"
        else:
            self.values[name] = value
        return None

    def _stored(self, name: str) -> Answer:
        if name in ("SYSTEM:COMMUNICATE:WATCHDOG", "SYSTEM:COMMUNICATE:WATCHDOG SET"):
            return self.values.get("WATCHDOG", "-1")
        if name in self.values:
            return self.values[name]
        self.errors.append("-113,Undefined header")
        return None

    def _step(self, rest: str) -> Answer:
        if rest.endswith("?"):
            return self.steps[int(rest[:-1])]
        number, _, word = rest.partition(" ")
        self.steps[int(number)] = word
        return None
