"""``python -m tests.benchmarks.diagnosis [PART …] [--cache FOLDER]``: writes docs/diagnosis.md.

Parts: ``extraction circuits soh onboarding matching policy``; all of these without any (some fifteen minutes,
nearly all of it the regressions of ``soh``), and ``chain``, which takes an hour or more and runs when asked:
``chain [--cells 200] [--side-by-side 2] [--profile rapid_twice]``. Figures of parts not asked for are kept
from docs/diagnosis.json. ``--cache`` keeps predictions in a folder, to go on after a break; ``chain`` goes on
in ``--work``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from tests.benchmarks.diagnosis import chain, circuits, matching, onboarding, oracle, page, policy, soh
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
    parser.add_argument("--cells", type=int, default=chain.CELLS, help="chain: how many cells")
    parser.add_argument("--side-by-side", type=int, default=chain.LANES, help="chain: benches at a time")
    parser.add_argument(
        "--profile", default=chain.PROFILE, choices=chain.KEYS, help="chain: what LFP cells run"
    )
    parser.add_argument("--no-tests", action="store_true", help="chain: judge what has been tested before")
    parser.add_argument("--work", type=Path, default=Path("chain-work"), help="chain: models and outcomes")
    wanted = parser.parse_args()
    unknown = set(wanted.parts) - set(PARTS) - {"chain"}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    with threadpool_limits(1):
        for part in wanted.parts or PARTS:
            print(f"measuring {part} …", flush=True)
            if part == "chain":
                what = chain.Wanted(
                    cells=wanted.cells,
                    lanes=wanted.side_by_side,
                    profile=wanted.profile,
                    test=not wanted.no_tests,
                )
                found[chain.KEYS[wanted.profile]] = chain.measure(what, wanted.work, wanted.cache)
            else:
                found[part] = PARTS[part](wanted.cache)
            RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page.render(found), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
