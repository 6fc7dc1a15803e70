"""``python -m tests.campaign``: run the fault campaign; exit code 1 when a run was not as it must be."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.campaign.case import Row
from tests.campaign.faults import FAULTS, matrix
from tests.campaign.kinds import KINDS
from tests.campaign.moments import MOMENTS
from tests.campaign.report import summary, write_csv
from tests.campaign.rig import SPEED
from tests.campaign.sweep import choose, sweep

REPORT = Path(__file__).parents[2] / "docs" / "campaign"


def main() -> int:
    """Parse, sweep, report."""
    parser = argparse.ArgumentParser(prog="campaign", description="Faults × moments × channel kinds.")
    parser.add_argument("--runs", type=int, help="a spread sample of so many runs instead of all")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--kind", action="append", choices=list(KINDS))
    parser.add_argument("--fault", action="append", choices=[fault.name for fault in FAULTS])
    parser.add_argument("--moment", action="append", choices=list(MOMENTS))
    parser.add_argument(
        "--report", type=Path, help="folder for report.md and runs.csv [whole campaign: docs/campaign]"
    )
    parser.add_argument(
        "--side-by-side", type=int, help="simulated benches at a time; fewer on a busy computer"
    )
    parser.add_argument("--quiet", action="store_true", help="no line for each run")
    options = parser.parse_args()
    cases = list(
        matrix(
            lambda kind, fault, moment: (
                (not options.kind or kind in options.kind)
                and (not options.fault or fault.name in options.fault)
                and (not options.moment or moment in options.moment)
            )
        )
    )
    cases = choose(cases, options.runs, options.seed)
    whole = len(list(matrix()))
    report = options.report or (REPORT if len(cases) == whole else None)
    started = time.monotonic()
    done = 0

    def tell(row: Row) -> None:
        nonlocal done
        done += 1
        if not options.quiet or row.problems:
            zero = "" if row.to_zero_s is None else f"{row.to_zero_s * 1e3:.0f} ms"
            words = f"PROBLEM {'; '.join(row.problems)}" if row.problems else "ok"
            print(
                f"{done}/{len(cases)} #{row.case} {row.kind} | {row.fault} | {row.moment} | {row.outcome} "
                f"{row.code} | {row.layer} | {zero} | {words}",
                flush=True,
            )

    rows = sweep(cases, tell, side_by_side=options.side_by_side)
    text = summary(rows, took_s=time.monotonic() - started, speed=SPEED, whole=whole)
    print(text)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        (report / "report.md").write_text(text, encoding="utf-8")
        write_csv(rows, report / "runs.csv")
    return 1 if any(row.problems for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
