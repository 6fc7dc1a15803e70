"""Base of a simulated SCPI instrument: executes lines, keeps the error queue."""

from __future__ import annotations

import re

from simulators.faults import FaultSet
from simulators.scpi.errors import ErrorQueue, ScpiError, suffix_out_of_range, undefined_header
from simulators.scpi.table import CommandTable, Handler, Later, Reply

_LINE_CACHE_LIMIT = 512
_SUFFIX = re.compile(r"(?<=[A-Z])[0-9]+(?=[:?]|$)")
_SUFFIX_ONE = re.compile(r"(?<=[A-Z])1(?=[:?]|$)")


class ScpiDevice:
    """Executes command lines. A refused command queues an error; a refused query answers nothing."""

    #: An instrument that reads literal square brackets in headers as not there.
    ignores_brackets = False
    #: An instrument whose command lines may end with CR alone.
    ends_with_cr = False
    #: What ends its replies.
    reply_end = b"\n"
    #: An instrument that takes every spelling between a header's short and long form.
    any_length_headers = False
    #: ``SOURce1`` is ``SOURce``: the suffix 1 of what there is once (SCPI-99 volume 1, 6.2.5.2).
    numbered_nodes = True

    def __init__(self, faults: FaultSet, errors: ErrorQueue) -> None:
        self.faults = faults
        self.errors = errors
        self.table = CommandTable(any_length=self.any_length_headers)
        self._lines: dict[str, Handler] = {}

    def before_line(self) -> None:
        """Bring the world to now; called before each line."""

    def after_valid_command(self) -> None:
        """Called after each command that was accepted, e.g. to reload a watchdog."""

    def execute(self, line: str) -> list[str | Later]:
        """Execute one line (without terminator); returns the answers, those of one line joined."""
        self.before_line()
        handler = self._lines.get(line)
        if handler is not None:
            reply = self._call(handler, "")
            return [] if reply is None else [reply]
        return self._execute_slowly(line)

    def _execute_slowly(self, line: str) -> list[str | Later]:
        answers: list[str | Later] = []
        path = ""
        for unit in _units(line):
            header, _, arguments = unit.partition(" ")
            header = header.upper()
            if self.ignores_brackets:
                header = header.replace("[", "").replace("]", "")
            if header.startswith("*"):
                full = header
            elif header.startswith(":"):
                full = header[1:]
            else:
                full = path + header
            handler, full = self._found(full)
            if handler is None and path and not header.startswith((":", "*")):
                # Lenient like many instruments: a header given whole after a semicolon.
                handler, full = self._found(header)
            if handler is None:
                self.errors.push(suffix_out_of_range() if self._numbered(full) else undefined_header())
                continue
            if not full.startswith("*"):
                path = full[: full.rfind(":") + 1]
            if full.endswith("?") and not arguments and unit == line and len(self._lines) < _LINE_CACHE_LIMIT:
                self._lines[line] = handler
            reply = self._call(handler, arguments.strip())
            if reply is not None:
                answers.append(reply)
        return answers if len(answers) < 2 else [_joined(answers)]

    def _found(self, header: str) -> tuple[Handler | None, str]:
        """The handler of a header, and the header without the suffixes that say no more than nothing."""
        handler = self.table.find(header)
        if handler is None and self.numbered_nodes and "1" in header and not header.startswith("*"):
            header = _SUFFIX_ONE.sub("", header)
            handler = self.table.find(header)
        return handler, header

    def _numbered(self, header: str) -> bool:
        """Whether it would be a known header without its suffixes."""
        plain = _SUFFIX.sub("", header)
        known = self.numbered_nodes and not header.startswith("*") and plain != header
        return known and self.table.find(plain) is not None

    def _call(self, handler: Handler, arguments: str) -> Reply:
        try:
            reply = handler(arguments)
        except ScpiError as error:
            self.errors.push(error)
            return None
        self.after_valid_command()
        return reply


def _joined(answers: list[str | Later]) -> str | Later:
    """One answer of several in a line, as soon as the last of them is ready."""
    if all(isinstance(answer, str) for answer in answers):
        return ";".join(str(answer) for answer in answers)
    late = [answer for answer in answers if isinstance(answer, Later)]
    return Later(
        lambda: all(answer.ready() for answer in late),
        lambda: ";".join(answer if isinstance(answer, str) else answer.answer() for answer in answers),
    )


def _units(line: str) -> list[str]:
    if ";" not in line:
        unit = line.strip()
        return [unit.replace("\t", " ")] if unit else []
    units: list[str] = []
    quote = ""
    current = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ";":
            units.append(current)
            current = ""
            continue
        current += character
    units.append(current)
    return [unit.strip().replace("\t", " ") for unit in units if unit.strip()]
