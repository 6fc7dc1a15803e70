"""What can go wrong when a paper is made."""

from __future__ import annotations

from typing import ClassVar

from station.errors import ExitCode, StationError


class PaperError(StationError):
    """A paper cannot be made; params say what is missing."""

    code = "paper.error"
    exit_code: ClassVar[int] = ExitCode.DATA
