"""The bundle's one program: command line, window, service, worker, guard and simulators.

``station …`` is the command line, ``station-window …`` the operator window, and either with
``--child MODULE …`` any other program of the station (``station.child_program``).
"""

from __future__ import annotations

import multiprocessing
import runpy
import sys
from pathlib import Path

from station.child_program import COMMAND_LINE, WINDOW, wanted_child


def main() -> None:
    """Become the program that the name and the first arguments ask for."""
    multiprocessing.freeze_support()  # the service's analysis process begins here, too
    own = WINDOW if Path(sys.executable).stem == "station-window" else COMMAND_LINE
    try:
        module, arguments = wanted_child(sys.argv[1:]) or (own, sys.argv[1:])
    except ValueError as error:
        sys.exit(f"station: {error}")
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
