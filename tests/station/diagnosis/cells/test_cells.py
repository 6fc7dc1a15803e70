"""Resistance of every cell: what is found, what is refused, and how it is judged and shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

from station.diagnosis.cells import (
    CellReport,
    CellSweeps,
    Geometry,
    advise_dismantling,
    judge_cells,
)
from station.diagnosis.cells.status import states_of
from station.diagnosis.history import read_bms
from station.messages.cell_map import sentences
from station.messages.cells import memory_text
from station.models.rulebook import load_cell_rules
from station.papers.cell_map import cell_map
from station.papers.sheet import Sheet
from station.papers.words import Words
from station.rawfiles import write_run_parquet
from station.reports.bms_memory import by_known_names, memory_of
from station.reports.cells import as_plain, dismantling, growth_of_weakest, resolution_of
from station.reports.decision import facts_of, with_decision
from station.reports.diagnose import diagnose_file
from tests.benchmarks.cell_packs import LFP_96, NMC_98_COARSE, Pulsed, pulse_pack
from tests.benchmarks.cells import judged

RULES = load_cell_rules()


@pytest.fixture(scope="module")
def pulsed() -> Pulsed:
    return pulse_pack(LFP_96, 3, pulses=2)


@pytest.fixture(scope="module")
def report(pulsed: Pulsed) -> CellReport:
    return judged(LFP_96, pulsed)


def made(
    *,
    at_once: bool = False,
    growth: float = 1.6,
    length_s: float = 30.0,
    refresh_s: float = 0.83,
    drift_ppm: float = 0.0,
) -> tuple[Any, Any, CellSweeps]:
    """24 cells of 1 mΩ at once and 0.3 mΩ at 8 s; the ninth is larger. One pulse pair of 40 A, told 0.2 s
    late."""
    rng = np.random.default_rng(5)
    t = np.arange(0.0, 40 + 4 * length_s, 0.05)
    amps = np.where((t > 20) & (t < 20 + length_s), -40.0, 0.0)
    amps = np.where((t > 20 + 2 * length_s) & (t < 20 + 3 * length_s), 40.0, amps)
    slow = np.zeros_like(t)
    for at in range(1, len(t)):
        slow[at] = slow[at - 1] + (amps[at - 1] - slow[at - 1]) * (1 - np.exp(-0.05 / 8.0))
    factor = np.exp(0.03 * rng.standard_normal(24))
    factor[8] *= growth
    starts = np.arange(2.0, t[-1] - refresh_s, refresh_s)
    told = starts[:, None] + np.linspace(0, 0.7 * refresh_s, 24)[None, :]
    measured = np.broadcast_to(starts[:, None], told.shape) if at_once else told
    over = np.interp(measured, t, amps) * 1e-3 + np.interp(measured, t, slow) * 3e-4
    volts = np.round(3.3 + over * factor[None, :] + 2e-4 * rng.standard_normal(told.shape), 3)
    return t, amps, CellSweeps(told * (1 + drift_ppm * 1e-6) + 0.2, volts, 0.001)


def test_weak_and_dead_cells_are_found_by_position(pulsed: Pulsed, report: CellReport) -> None:
    assert report.ranking is not None
    assert sorted(report.ranking.weak_cells) == list(pulsed.weak)
    assert [n for n, state in enumerate(report.states, start=1) if state == "dead"] == [pulsed.dead]
    assert report.geometry.place(pulsed.weak[0]) == (
        (pulsed.weak[0] - 1) // 8 + 1,
        (pulsed.weak[0] - 1) % 8 + 1,
    )


def test_resistances_are_true_and_inside_their_uncertainty(pulsed: Pulsed, report: CellReport) -> None:
    for one in report.resistances:
        truth = pulsed.truth_ohm[one.at_s]
        seen = np.isfinite(truth) & np.isfinite(one.value_ohm)
        assert seen.sum() == 95
        error = np.abs(one.value_ohm - truth)[seen]
        assert error.max() <= 0.03 * truth[seen].min()
        assert (error <= one.uncertainty_ohm[seen]).mean() >= 0.95


def test_the_other_clock_is_found_by_the_edges(pulsed: Pulsed, report: CellReport) -> None:
    assert report.alignment is not None
    found = report.alignment
    assert abs(found.offset_s - pulsed.offset_s(found.about_s)) < 4 * found.offset_sd_s + 0.02
    assert found.edges == 4


def test_a_pack_that_rounds_to_20_mV_is_not_ranked() -> None:
    found = judged(NMC_98_COARSE, pulse_pack(NMC_98_COARSE, 1, pulses=2, dead=False))
    assert found.ranking is not None
    assert (found.ranking.refused, found.ranking.order, found.ranking.weak_cells) == ("resolution", (), ())
    assert found.ranking.uncertainty > 0.2
    assert "too coarse" in " ".join(sentences(as_plain(found), "en"))
    assert growth_of_weakest(found) is None


@pytest.mark.parametrize("at_once", [False, True])
def test_it_is_seen_whether_a_sweep_was_measured_at_one_instant(at_once: bool) -> None:
    t, amps, sweeps = made(at_once=at_once)
    found = judge_cells(t, amps, sweeps, RULES)
    assert found.alignment is not None
    assert found.alignment.sweep == ("at_once" if at_once else "one_by_one")
    assert abs(found.alignment.offset_s - 0.2) < 3 * found.alignment.offset_sd_s + 0.02
    assert found.ranking is not None
    assert found.ranking.weak_cells == (9,)


def test_a_value_written_down_twice_is_told_once() -> None:
    """A pack that tells a cell each 2.5 s, written down each second at times that tremble."""
    t, amps, sweeps = made(refresh_s=2.5)
    rng = np.random.default_rng(1)
    rows = np.repeat(np.arange(len(sweeps.at_s)), 3)
    trembling = sweeps.at_s[rows] + rng.uniform(-0.005, 0.005, (len(rows), 1))
    found = judge_cells(t, amps, CellSweeps(trembling, sweeps.voltage_V[rows], 0.001), RULES)
    assert found.refresh_s == pytest.approx(2.5, abs=0.02)


@pytest.mark.parametrize(
    ("offset_s", "en", "zh"),
    [(0.2, "200 ms late (±40 ms)", "滞后 200 ms"), (-0.2, "200 ms early (±40 ms)", "超前 200 ms"),
     (-0.01, "on one clock to ±50 ms", "误差 ±50 ms")],
)  # fmt: skip
def test_how_late_the_cells_are_is_said(report: CellReport, offset_s: float, en: str, zh: str) -> None:
    assert report.alignment is not None
    shifted = replace(report, alignment=replace(report.alignment, offset_s=offset_s, offset_sd_s=0.02))
    for lang, text in (("en", en), ("zh", zh)):
        assert text in " ".join(sentences(as_plain(shifted), lang))


def test_cells_that_are_alike_are_called_so() -> None:
    t, amps, sweeps = made(growth=1.0)
    level = sweeps.voltage_V.mean(axis=1, keepdims=True)
    alike = CellSweeps(
        np.broadcast_to(sweeps.at_s[:, :1], sweeps.at_s.shape),
        np.round(0 * sweeps.voltage_V + level, 3),
        0.001,
    )
    found = judge_cells(t, amps, alike, RULES)
    assert found.ranking is not None
    assert found.ranking.refused == "alike"
    assert growth_of_weakest(found) == 1.0
    assert advise_dismantling(found, "pass", RULES).advice == "keep_pack"


@pytest.mark.parametrize(
    ("how", "reason"), [({"length_s": 5.0}, "pulse_too_short"), ({"refresh_s": 15.0}, "sweep_too_slow")]
)
def test_what_cannot_be_measured_is_refused_by_name(how: dict[str, float], reason: str) -> None:
    t, amps, sweeps = made(**how)  # type: ignore[arg-type]
    found = judge_cells(t, amps, sweeps, RULES)
    assert (found.refused, found.resistances) == (reason, ())
    assert len(sentences(as_plain(found), "zh")) >= 1


def test_a_broken_sense_lead_is_no_dead_cell() -> None:
    volts = np.full((12, 10), 3.3)
    amps = np.zeros_like(volts)

    def states(pack_V: float | None, **cells: float) -> list[str]:
        changed = volts.copy()
        for name, value in cells.items():
            changed[:, int(name[1:]) - 1] = value
        at_s = np.cumsum(np.ones_like(volts), axis=0)
        return list(states_of(CellSweeps(at_s, changed, 0.001), amps, RULES, chemistry="LFP", pack_V=pack_V))

    assert states(33.0, c4=0.0)[3] == "sense_open"  # the pack has a voltage that the controller does not see
    assert states(29.7, c4=0.0)[3] == "dead"
    assert states(33.0, c4=2.6, c5=4.0)[3:5] == ["sense_open", "sense_open"]
    assert states(None, c4=-1.0)[3] == "reversed"
    assert states(None, c4=1.2)[3] == "over_discharged"
    assert states(None, c4=3.9)[3] == "at_high_limit"
    assert states(29.7, c4=float("nan"))[3] == "dead"


def test_a_dead_cell_puts_the_pack_into_quarantine_and_nobody_opens_it(report: CellReport) -> None:
    result = {
        "abstained": True,
        "reason_code": "string_mean_only",
        "level": "pack",
        "cells": as_plain(report),
    }
    decided = with_decision(result, facts_of(result))
    assert decided["verdict"] == "quarantine"
    assert [rule["id"] for rule in decided["rules"]] == ["safety.no_voltage"]
    assert dismantling(report, decided["verdict"], "pack")["advice"] == "hold"
    assert growth_of_weakest(report) is None


def test_how_far_to_take_a_pack_apart() -> None:
    base = judge_cells(*made(), RULES)

    def advice(states: dict[int, str], verdict: str = "pass", modules: int = 12, level: str = "pack") -> str:
        told: list[Any] = ["ok"] * 96
        for cell, state in states.items():
            told[cell - 1] = state
        assert base.ranking is not None
        weak = tuple(cell for cell, state in states.items() if state == "weak")
        ranked = replace(base.ranking, weak_cells=weak, weak_modules=())
        whole = replace(base, geometry=Geometry.of(modules, 96), states=told, ranking=ranked)
        return advise_dismantling(whole, verdict, RULES, level=level).advice

    assert advice({}) == "keep_pack"
    assert advice({}, "fail") == "recycle"
    assert advice({9: "weak", 10: "weak"}) == "swap_module"
    assert advice({1: "weak", 20: "weak", 50: "weak"}) == "split_to_modules"
    assert advice(dict.fromkeys(range(1, 97, 5), "weak")) == "split_to_cells"
    assert advice(dict.fromkeys(range(1, 97, 3), "weak"), "fail") == "recycle"
    assert advice({9: "weak"}, modules=1) == "split_to_cells"
    assert advice({9: "dead"}) == "hold"


def test_geometry() -> None:
    uneven = Geometry.of([20, 18, 20], 58)
    assert (uneven.place(39), list(uneven.members(2))[:2]) == ((3, 1), [21, 22])
    assert not Geometry.of([20, 18], 58).known
    assert Geometry.of(None, 58).place(58) == (1, 58)
    with pytest.raises(ValueError, match="no cell 59"):
        uneven.place(59)


def test_resolution_is_read_from_the_values() -> None:
    assert resolution_of(np.array([[3.30, 3.32], [3.36, 3.34]])) == pytest.approx(0.02)
    assert resolution_of(np.array([[3.301, 3.302]])) == pytest.approx(0.001)


def test_paper_and_texts_say_it_in_both_languages(report: CellReport) -> None:
    cells = as_plain(report)
    cells["dismantle"] = dismantling(report, "quarantine", "pack")
    json.dumps(cells, allow_nan=False)
    english, chinese = (
        json.loads(files("station.messages").joinpath(f"cells_{lang}.json").read_text("utf-8"))
        for lang in ("en", "zh")
    )
    assert english.keys() == chinese.keys()
    for lang, wanted in (("en", "module 12"), ("zh", "模组 12")):
        sheet = Sheet(Words(lang), title="t", foot="f", simulated=True)
        cell_map(sheet, cells, lang)
        text = pypdfium2.PdfDocument(io.BytesIO(sheet.done()))[0].get_textpage().get_text_bounded()
        assert wanted in text
        assert "✕" in text


def test_a_run_file_with_cells_is_judged_by_them(pulsed: Pulsed, tmp_path: Path) -> None:
    cells = [
        [
            float(np.nanmax(at_s)),
            [None if np.isnan(v) else v for v in volts],
            [0.0 if np.isnan(a) else a for a in at_s],
        ]
        for at_s, volts in zip(pulsed.sweeps.at_s.tolist(), pulsed.sweeps.voltage_V.tolist(), strict=True)
    ]
    count = len(pulsed.time_s)
    columns = {
        "Test Time / s": pulsed.time_s,
        "Voltage / V": np.full(count, pulsed.pack_V),
        "Current / A": pulsed.current_A,
        "Step Count / 1": np.ones(count, dtype=np.int64),
    }
    battery = {"level": "pack", "series_cells": 96, "nominal_capacity_Ah": 150.0}
    channel = {"modules": [8] * 12}
    metadata = {"battery": battery, "nominal_capacity_Ah": 150.0, "channel": channel, "cells": cells}
    path = tmp_path / "run.parquet"
    write_run_parquet(path, columns, metadata)
    result = diagnose_file(path)
    assert result["verdict"] == "quarantine"
    told = result["cells"]
    assert [(one["cell"], one["state"]) for one in told["bad"]] == [(pulsed.dead, "dead")]
    assert sorted(one["cell"] for one in told["ranking"]["weak_cells"]) == list(pulsed.weak)
    assert told["dismantle"]["advice"] == "hold"
    assert result["soh"] is None
    assert {"resistance_spread", "ocv_spread_V"} <= told["quantities"].keys()
    write_run_parquet(path, columns, {**metadata, "balancing": True})
    told = diagnose_file(path)["cells"]
    assert told["balancing"]
    assert told["ranking"]["refused"] == "balancing"
    assert not told["ranking"]["weak_cells"]
    assert "resistance_spread" not in told["quantities"]
    assert any("balanced cells" in sentence for sentence in sentences(told, "en"))
    assert any("均衡" in sentence for sentence in sentences(told, "zh"))


def test_what_a_pack_remembers_gets_the_names_of_the_join() -> None:
    told = {"charged_Ah": 32461.0, "discharged_Ah": 32430.0, "operating_s": 12.6e6, "soh_pct": 96.0}
    told |= {"normal_charge_count": 200.0, "fast_charge_count": 30.0, "pack_voltage_V": 360.0}
    names = by_known_names(told)
    assert read_bms(names).values["charge_throughput_Ah"] == 32461.0
    memory = memory_of(told)
    assert memory["charge_count"] == 230.0
    assert memory["operating_hours"] == 3500.0
    assert "can be reset" in memory_text(memory, "en")
    assert "清零" in memory_text(memory, "zh")
    assert memory_of({"pack_voltage_V": 360.0}) == {}
