"""Tests on real instruments: the bench's own service runs them, with guard, records and all.

Nothing here has been run on real hardware.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import profiles
from station.bench import Bench
from station.dryrun import DryRun, margins
from station.engine.record.journal import read_journal
from station.errors import UsageError
from station.testing.bench import TestBench


class HardwareBench(TestBench):
    """``battery`` is the code of what hangs on the leads; ``data`` the station's data folder."""

    simulated = False

    def __init__(
        self, file: str, bench: Bench, channel: str, *, battery: str, capacity_Ah: float | None, data: Path
    ) -> None:
        super().__init__(bench, channel)
        self._file, self._data = file, data
        self.battery_code, self._capacity_Ah = battery, capacity_Ah

    @property
    def speed(self) -> float:
        """Real batteries age in real time."""
        return 1.0

    def ask(self, op: str, **request: Any) -> dict[str, Any]:  # noqa: ARG002
        """There are no simulators to ask. Raises UsageError."""
        raise UsageError(
            f"{op}: bench {self.name} is real hardware",
            remedy="leave out --station-hardware, or mark the test to be skipped there",
            code="testing.hardware",
            what=op,
        )

    def run(
        self,
        profile: profiles.Profile | str | Path,
        *,
        nominal_capacity_Ah: float | None = None,
        chemistry: str | None = None,
        full_sampling: bool = True,  # noqa: ARG002 - real tests sample as the profile says
    ) -> DryRun:
        """A real test, to its end. Raises the station's errors when it cannot begin."""
        from station.service.client import RunRequest
        from station.service.launcher import ensure_service
        from station.service.run import run_to_end

        made = profile if isinstance(profile, profiles.Profile) else profiles.load(str(profile))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{made.name}.yaml"
            file.write_text(profiles.to_yaml(made), encoding="utf-8")
            request = RunRequest(
                self.channel_id,
                str(file),
                self.battery_code,
                nominal_capacity_Ah or self._capacity_Ah,
                chemistry,
            )
            with ensure_service(self._file, self._data) as client:
                result = run_to_end(client, request)
        journal = read_journal(self._data / "runs" / str(result["run_id"]) / "journal.jsonl")
        run = DryRun(
            profile=made,
            asked=made,
            bench=self.name,
            channel=self.channel_id,
            truth={"chemistry": chemistry, "nominal_capacity_Ah": nominal_capacity_Ah or self._capacity_Ah},
            outcome=str((journal.end or {}).get("outcome", "")),
            error=result.get("error"),
            result=result,
            journal=journal,
            margins=tuple(margins(journal)),
            speed=1.0,
            planned_s=profiles.resolve(
                made, nominal_capacity_Ah=profiles.stand_in_capacity_Ah(made)
            ).duration_s,
        )
        self._tell(run)
        return run
