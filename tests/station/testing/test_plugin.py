"""The example repository of docs/, tried as an engineer would: its own pytest in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import profiles
from profiles.hashing import profile_hash

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "example-profiles"


@pytest.mark.timeout(300)
def test_the_example_repository_passes_and_tells_what_it_tested(tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    shutil.copytree(EXAMPLE, folder)
    # The plugin is named here because this checkout may not be installed under its entry point.
    plugin = [] if _installed() else ["-p", "station.testing.plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    cases = ElementTree.parse(folder / "report.xml").getroot().iter("testcase")
    told = [{p.get("name"): p.get("value") for p in case.iter("property")} for case in cases]
    assert len(told) == 2
    said = profile_hash(profiles.load(str(EXAMPLE / "profiles" / "quick-check.yaml")))
    for properties in told:
        assert properties["profile_hash"] == said
        assert properties["battery"] == "DRY-RUN"
        assert properties["simulated"] == "true"


def _installed() -> bool:
    from importlib.metadata import entry_points

    return any(point.value == "station.testing.plugin" for point in entry_points(group="pytest11"))


def test_hardware_is_touched_with_its_flag_and_a_battery_only(pytestconfig: pytest.Config) -> None:
    from station.bench import load_bench
    from station.errors import UsageError
    from station.testing.bench import sim_cell_of
    from station.testing.hardware import HardwareBench

    assert not pytestconfig.getoption("--station-hardware", default=False)
    bench = HardwareBench(
        "demo", load_bench("demo"), "1", battery="B-1", capacity_Ah=20.0, data=Path("nowhere")
    )
    with pytest.raises(UsageError, match="real hardware"):
        bench.ask("truth")
    with pytest.raises(UsageError, match="simulated cell"):
        sim_cell_of(bench, "NMC")
