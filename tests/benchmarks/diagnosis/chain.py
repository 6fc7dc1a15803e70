"""``python -m tests.benchmarks.diagnosis chain``: measured cells through the whole chain, beside the table.

Cells of the data, each at a recorded SOC drawn by chance, are tested on a simulated bench as `station run`
tests: real service, guard, workers, simulators and protocols. Each is judged by models that never saw it,
and so is its row of the table; the two errors are compared cell by cell. Every outcome is appended to a file
as it comes, and what is there already is not tested again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from station.diagnosis.soh.noise import LEVELS_V
from tests.benchmarks.diagnosis.chain_bench import ChainBench
from tests.benchmarks.diagnosis.chain_cells import Drawn, by_table, draw
from tests.benchmarks.diagnosis.fold_models import adopted_folders, models_in

CELLS, LANES, SPEED, PROFILE = 200, 2, 20.0, "rapid"


@dataclass(frozen=True)
class Wanted:
    """How the chain is run. ``keep``: also keep each test's run file in the folder."""

    cells: int = CELLS
    lanes: int = LANES
    speed: float = SPEED
    profile: str = PROFILE
    types: tuple[str, ...] = ()
    keep: bool = False


def measure(wanted: Wanted, folder: Path, cache: Path | None) -> list[dict[str, Any]]:
    """Test what is not in ``folder``'s results yet; returns all wanted outcomes with what the table gives."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw(wanted.cells, wanted.types)
    models = adopted_folders(folder / "models", cache)
    results = folder / f"chain-{wanted.profile}.jsonl"
    known = {one["cell"] for one in read(results)}
    for fold, place in models.items():
        here = [one for one in drawn if one.fold == fold and one.cell not in known]
        if here:
            keep = folder / f"runs-{wanted.profile}" if wanted.keep else None
            bench = ChainBench(place, lanes=wanted.lanes, speed=wanted.speed, keep=keep)
            _test_all(bench, here, wanted.profile, results)
    by_cell = {one["cell"]: one for one in read(results)}
    tested = [one for one in drawn if one.cell in by_cell]
    return beside_table([by_cell[one.cell] for one in tested], tested, models, wanted.profile)


def beside_table(
    outcomes: Sequence[dict[str, Any]], drawn: Sequence[Drawn], models: dict[int, Path], profile: str
) -> list[dict[str, Any]]:
    """The outcomes with ``table`` (the row as recorded) and ``table_noisy`` (as a noisy one shows it)."""
    loaded = {fold: models_in(place) for fold, place in models.items()}
    return [
        {
            **outcome,
            "table": by_table(one, loaded[one.fold], profile),
            "table_noisy": by_table(one, loaded[one.fold], profile, LEVELS_V[-1]),
        }
        for outcome, one in zip(outcomes, drawn, strict=True)
    ]


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
