"""``python -m tests.benchmarks.diagnosis chain``: measured cells through the whole chain, beside the table.

Cells of the data, each at a recorded SOC drawn by chance, are tested on a simulated bench as `station run`
tests: real service, guard, workers, simulators and protocols. Each is judged by models that never saw it,
and so is its row of the table; the two errors are compared cell by cell. Every outcome is appended to a file
as it comes, its run file is kept, and what is there already is not tested again. Run files are judged anew:
the figures are those of the code as it is. All cells are judged as well by samples as the bench's
instrument gives them, without the processes (`chain_samples`).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from station.diagnosis.soh import ModelSet
from station.errors import StationError
from station.rawfiles import Recording, read_record
from tests.benchmarks.diagnosis.chain_bench import STARVED, ChainBench, profile_of
from tests.benchmarks.diagnosis.chain_cells import Drawn, by_table, draw
from tests.benchmarks.diagnosis.chain_samples import judged, remembered_recording
from tests.benchmarks.diagnosis.fold_models import adopted_folders, models_in

CELLS, LANES, SPEED, PROFILE, TWICE = 200, 2, 20.0, "rapid", "rapid_twice"
KEYS = {PROFILE: "chain", TWICE: "chain_twice"}
"""What docs/diagnosis.json keeps them under."""


@dataclass(frozen=True)
class Wanted:
    """How the chain is run."""

    cells: int = CELLS
    lanes: int = LANES
    speed: float = SPEED
    profile: str = PROFILE
    types: tuple[str, ...] = ()
    test: bool = True
    """False: only judge what has been tested before."""


def measure(wanted: Wanted, folder: Path, cache: Path | None) -> dict[str, list[dict[str, Any]]]:
    """Test what is not in ``folder``'s results yet.

    Returns under ``tested`` the outcomes of the tests, under ``samples`` all wanted cells by samples without
    processes, each beside its row of the table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw(wanted.cells, wanted.types)
    if wanted.profile != PROFILE:
        drawn = [one for one in drawn if one.pair_recorded]  # the others' train is the same with any profile
    models = adopted_folders(folder / "models", cache)
    results, runs = folder / f"chain-{wanted.profile}.jsonl", folder / f"runs-{wanted.profile}"
    known = {one["cell"] for one in read(results) if one["error"] not in STARVED}
    for fold, place in models.items() if wanted.test else ():
        here = [one for one in drawn if one.fold == fold and one.cell not in known]
        if here:
            bench = ChainBench(place, lanes=wanted.lanes, speed=wanted.speed, keep=runs)
            _test_all(bench, here, wanted.profile, results)
    loaded = {fold: models_in(place) for fold, place in models.items()}
    outcomes = {one["cell"]: one for one in read(results) if one["error"] not in STARVED}
    for one in read(results):
        if one["error"] in STARVED and one["cell"] in outcomes:
            outcomes[one["cell"]]["busy"] += [*one.get("busy", ()), one["error"]]
    tested = [
        {**outcomes[one.cell], **_anew(one, runs, loaded[one.fold]), **_table(one, loaded, wanted.profile)}
        for one in drawn
        if one.cell in outcomes
    ]
    samples = [
        {
            "cell": one.cell,
            "type": one.type,
            "true_soh": one.soh,
            "soh": judged(_by_samples(one, wanted.profile, folder), one, loaded[one.fold]),
            **_table(one, loaded, wanted.profile),
        }
        for one in drawn
    ]
    return {"tested": tested, "samples": samples}


def _by_samples(drawn: Drawn, profile: str, folder: Path) -> Recording:
    return remembered_recording(drawn, profile_of(drawn, profile, folder), folder / f"samples-{profile}")


def _table(drawn: Drawn, models: Mapping[int, ModelSet], profile: str) -> dict[str, Any]:
    return {"table": by_table(drawn, models[drawn.fold], profile)}


def _anew(drawn: Drawn, runs: Path, models: ModelSet) -> dict[str, Any]:
    """What the run file says to the code as it is; nothing where there is none that can be read."""
    file = runs / f"{drawn.cell}.parquet"
    try:
        return {"soh": judged(read_record(file, nominal_capacity_Ah=drawn.nominal_Ah), drawn, models)}
    except (StationError, OSError):
        return {}


def read(results: Path) -> list[dict[str, Any]]:
    """The outcomes written so far; a line torn by an interruption is left out."""
    found = []
    for line in results.read_text(encoding="utf-8").splitlines() if results.is_file() else ():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


def _test_all(bench: ChainBench, cells: Sequence[Drawn], profile: str, results: Path) -> None:
    """Test the cells; each outcome is on disk before the next is waited for."""
    done: SimpleQueue[dict[str, Any]] = SimpleQueue()
    failed: list[BaseException] = []

    def test() -> None:
        try:
            bench.test_all(cells, profile, done)
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            failed.append(error)
        finally:
            done.put({})

    thread = threading.Thread(target=test, name="chain")
    thread.start()
    with results.open("a", encoding="utf-8") as file:
        while outcome := done.get():
            file.write(json.dumps(outcome) + "\n")
            file.flush()
            soh = outcome["soh"]
            shown = f"{100 * soh['estimate']:.1f} %" if soh else outcome["reason"] or outcome["error"]
            print(f"{outcome['cell']}: {shown}, true {100 * outcome['true_soh']:.1f} %", flush=True)
    thread.join()
    if failed:
        raise failed[0]
