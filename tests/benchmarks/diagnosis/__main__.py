"""``python -m tests.benchmarks.diagnosis [PART …] [--cache FOLDER]``: measure parts, write docs/diagnosis.md.

Parts: ``extraction circuits soh onboarding matching policy``; all without any (some fifteen minutes, nearly all of
it the regressions of ``soh``). Figures of parts not asked for are kept from docs/diagnosis.json. ``--cache``
keeps predictions in a folder, to go on after a break.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from tests.benchmarks.diagnosis import circuits, matching, onboarding, oracle, page, policy, soh
from tests.benchmarks.diagnosis.place import PAGE, RESULTS

PARTS: dict[str, Callable[[Path | None], Any]] = {
    "extraction": lambda _: oracle.measure(),
    "circuits": lambda _: circuits.measure(),
    "soh": soh.measure,
    "onboarding": onboarding.measure,
    "matching": lambda _: matching.measure(),
    "policy": policy.measure,
}


def main() -> None:
    """Measure the wanted parts, one thread, and write both files."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.diagnosis")
    parser.add_argument("parts", nargs="*", help=" ".join(PARTS))
    parser.add_argument("--cache", type=Path)
    wanted = parser.parse_args()
    unknown = set(wanted.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    with threadpool_limits(1):
        for part in wanted.parts or PARTS:
            print(f"measuring {part} …", flush=True)
            found[part] = PARTS[part](wanted.cache)
            RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page.render(found), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
