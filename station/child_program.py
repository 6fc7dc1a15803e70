"""How this station starts another of its own programs: the same from sources, from wheels and from a bundle.

From sources and wheels a program is a module of this interpreter. A bundle has no interpreter, only one
executable that can be any of them: ``station --child MODULE …`` runs what ``python -m MODULE …`` would.
"""

from __future__ import annotations

import sys
from typing import Final

CHILD: Final = "--child"
"""Sub-command of the bundle's executable; for the station itself, so no help names it."""

SERVICE: Final = "station.service"
GUARD: Final = "station.safety.guard"
WORKER: Final = "station.engine.worker"
SIMULATORS: Final = "simulators"
WINDOW: Final = "station.ui.app"
PAINTING: Final = "station.ui.painting"
COMMAND_LINE: Final = "station.cli.main"
KEEPER: Final = "drivers.keeper"
"""Sends the frames that keep a pack awake; drivers start it themselves."""
PROGRAMS: Final = frozenset({SERVICE, GUARD, WORKER, SIMULATORS, WINDOW, PAINTING, COMMAND_LINE, KEEPER})


def bundled() -> bool:
    """Whether this process runs from a bundle."""
    return bool(getattr(sys, "frozen", False))


def child_command(module: str) -> tuple[str, ...]:
    """The beginning of the command that runs one of ``PROGRAMS``; its arguments follow.

    The module's name is a word of its own in it, by which the guard knows a worker. Raises ValueError.
    """
    if module not in PROGRAMS:
        raise ValueError(f"{module!r} is no program of the station")
    if bundled():
        return (sys.executable, CHILD, module)
    return (sys.executable, "-m", module)


def wanted_child(arguments: list[str]) -> tuple[str, list[str]] | None:
    """The module and its arguments when ``arguments`` ask for a child; None: they are for the command line.

    Raises ValueError for a module that is none of ``PROGRAMS``.
    """
    if arguments[:1] != [CHILD]:
        return None
    module = arguments[1] if len(arguments) > 1 else ""
    if module not in PROGRAMS:
        raise ValueError(f"{module!r} is no program of the station")
    return module, arguments[2:]
