"""Runs that ended, as a station has them on record."""

from __future__ import annotations

from typing import Any

from station.records import Records


def ended_run(records: Records, run_id: str, *, battery: str = "B-1", **end: Any) -> None:
    """Put a run on record that was tested and judged."""
    records.register_battery(battery, chemistry="lfp")
    records.start_run(
        run_id=run_id, battery=battery, bench="demo", channel="1", profile="rapid", plan_digest="d",
        nominal_capacity_Ah=20.0, chemistry="lfp", speed=1.0, simulated=True,
    )  # fmt: skip
    records.add_event("run.started", {"channel": "1"}, run_id=run_id)
    records.save_result(run_id, {"verdict": "pass", "run_id": run_id}, version="1")
    records.update_run(
        run_id, state="ended", outcome="completed", **{"verdict": "pass", "grade": "A", "soh": 0.9, **end}
    )
