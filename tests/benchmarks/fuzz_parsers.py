"""``python -m tests.benchmarks.fuzz_parsers NAME [OPTION …]``: one parser, guided by coverage, until stopped.

Needs the package ``atheris`` (``pip install atheris``), which is no part of the project's own environment. A
crash leaves its input in a file, as libFuzzer does; ``-max_total_time=60`` ends after a minute. The names are
those of ``tests.drivers.parsers``.
"""

from __future__ import annotations

import sys
from typing import Any


def main(arguments: list[str]) -> int:
    """Fuzz."""
    try:
        import atheris
    except ImportError:
        print("the package atheris is not installed: pip install atheris", file=sys.stderr)
        return 2
    tool: Any = atheris
    with tool.instrument_imports(include=["drivers", "simulators"]):
        from tests.drivers.parsers import PARSERS
    if not arguments or arguments[0] not in PARSERS:
        print(f"name one of: {', '.join(PARSERS)}", file=sys.stderr)
        return 2
    tool.Setup([sys.argv[0], *arguments[1:]], PARSERS[arguments[0]])
    tool.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
