"""A pack with contactors of its own through the whole procedure, by the real service."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import drivers.bms
from station.bench import Bench
from station.engine.record.journal import read_journal
from station.service.client import ServiceClient
from tests.scenarios.bench.profiles import CONTACT, write_profile
from tests.scenarios.bench.stand import Stand, ended, marking, start, wait_until
from tests.scenarios.engine.pack_bench import PACK

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for child processes"),
]
SPEED = 5.0
PULSES = [CONTACT, {"step": "pulse_pair", "current_C": 0.5, "duration_s": 20.0, "rest_s": 5.0}]
FAMILIES = Path(drivers.bms.__file__).parent / "families"
BATTERY = {
    "kind": "string",
    "series": 104,
    "cell": {"kind": "model", "chemistry": "LFP", "nominal_capacity_Ah": 40, "soh": 0.9, "soc": 0.5},
}


def pack_bench(folder: Path) -> Bench:
    """The pack stand with a BYD pack; its family with shorter times where a pack would only be waited for."""
    text = (FAMILIES / "byd-atto3.yaml").read_text(encoding="utf-8")
    for long, short in (("timeout_s: 15", "timeout_s: 3"), ("hold_s: 2.5", "hold_s: 0.1")):
        assert long in text
        text = text.replace(long, short)
    family = folder / "byd-atto3.yaml"
    family.write_text(text, encoding="utf-8")
    shutil.copy(FAMILIES / "byd_atto3.dbc", folder)
    bench = Bench.model_validate(PACK).model_dump(mode="json", by_alias=True)
    channel = bench["channels"][0]
    channel["series_cells"] = BATTERY["series"]
    channel["limits"] |= {"voltage_min_V": 230, "voltage_max_V": 390}
    channel["bms"] = {
        "driver": "bms-can",
        "address": channel["bms"]["address"],
        "options": {
            "family": str(family),
            "contactors": "own",
            "identify_timeout_s": 10.0,
            "bus_speed": SPEED,
        },
    }
    # A computer that is busy with other tests answers late; nothing here is about how fast the guard is.
    bench["guard"] |= {"heartbeat_timeout_s": 2.0}
    bench["guard"]["relay"]["options"] = {"timeout_s": 1.0}
    bench["simulation"]["batteries"] = {"1": BATTERY}
    return Bench.model_validate(bench)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("pack")
    with marking(), Stand(folder, speed=SPEED, bench=pack_bench(folder)) as stand:
        yield stand
        stand.stop()


@pytest.fixture(scope="module")
def client(stand: Stand) -> ServiceClient:
    return stand.client()


@pytest.fixture
def sound(stand: Stand, client: ServiceClient) -> Stand:
    stand.heal()
    wait_until(lambda: not stand.truth()["pack_closed"], "the pack is open")
    wait_until(lambda: stand.truth()["terminals_V"] < 60, "the source is discharged")
    stand.acknowledge_all(client)
    return stand


def rules(stand: Stand, run_id: str) -> list[dict[str, Any]]:
    events = read_journal(stand.data / "runs" / run_id / "journal.jsonl").events
    return [event["params"] for event in events if "rule" in event["params"]]


def left_safe(stand: Stand) -> None:
    truth = stand.truth()
    assert (truth["current_A"], truth["cutoff_closed"], truth["output_on"]) == (0.0, False, [False])
    assert not truth["fuse_blown"]
    assert truth["inrush_peak_A"] < 1000


def begin(client: ServiceClient, profile: str | Path) -> str:
    return start(client, profile, nominal_capacity_Ah=40.0, chemistry="LFP")


def test_the_whole_procedure_ends_with_a_verdict(sound: Stand, client: ServiceClient) -> None:
    run_id = begin(client, "rapid")
    wait_until(lambda: sound.truth()["pack_closed"], "the pack closes")
    assert not sound.truth()["cutoff_closed"]  # onto open leads
    run = ended(client, run_id, 120.0)
    assert run["outcome"] == "completed", run["result"].get("error")
    assert run["result"]["verdict"] in ("pass", "fail", "quarantine", "no_verdict")
    assert run["result"]["safe"]["verified"]
    assert run["result"]["safe"]["problems"] == []
    left_safe(sound)
    assert not sound.truth()["pack_closed"]
    told = [one["rule"] for one in rules(sound, run_id)]
    steps = [one["step"] for one in rules(sound, run_id) if one["rule"] == "pack_step"]
    assert steps == ["close", "drive ready", "shut down", "acknowledge", "run down", "stand by"]
    order = [
        "pack_wired",
        "insulation",
        "pack_cutoff_open",
        "pack_step",
        "pack_joined",
        "polarity",
        "precharge",
    ]
    assert [told.index(rule) for rule in order] == sorted(told.index(rule) for rule in order)
    assert told.count("insulation") == 3  # the pack's own before and after it has closed, and the station's
    assert told[-1] in ("pack_contactor_welded", "residual_voltage")
    cells = read_journal(sound.data / "runs" / run_id / "journal.jsonl").cells
    assert all(len(row["at"]) == len(row["voltages_V"]) == 104 for row in cells)


def test_keep_alive_lost_opens_the_pack_and_the_run_ends_safely(
    sound: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    run_id = begin(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: sound.truth()["current_A"] != 0.0, "a current flows")
    (keeper,) = [one for one in sound.worker("1").children() if "drivers.keeper" in " ".join(one.cmdline())]
    keeper.kill()
    run = ended(client, run_id)
    assert run["outcome"] == "limit_tripped", run
    named = {"safety.pack_contactors_open", "safety.bms_fault"}
    at_once = {"safety.voltage_min", "safety.voltage_max", "safety.current_tracking", "safety.half_current"}
    assert run["result"]["error"]["code"] in named | at_once
    assert any(one["rule"] == "pack_opened_itself" and not one["ok"] for one in rules(sound, run_id))
    left_safe(sound)
    assert not sound.truth()["pack_closed"]
    assert not psutil.pid_exists(keeper.pid) or keeper.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"name": "polarity_reversed"}, "safety.check.polarity"),
        ({"name": "pack_precharge_stuck", "instrument": "can-bms"}, "safety.check.pack_precharge_stuck"),
        ({"name": "pack_contactor_dead", "instrument": "can-bms"}, "safety.check.pack_joined"),
        ({"name": "checksum_wrong", "instrument": "can-bms"}, "safety.check.bms_fresh"),
        ({"name": "second_pack", "instrument": "can-bms"}, "driver.bms_two_packs"),
    ],
    ids=lambda value: value.get("name", "") if isinstance(value, dict) else "",
)
def test_a_fault_of_the_pack_is_named_and_nothing_is_joined(
    sound: Stand, client: ServiceClient, tmp_path: Path, fault: dict[str, Any], code: str
) -> None:
    sound.ask("fault", channel="1", **fault)
    run = ended(client, begin(client, write_profile(tmp_path, "pulses", PULSES)))
    assert run["result"]["error"]["code"] == code, run["result"]["error"]
    assert run["result"]["error"]["remedy"]
    left_safe(sound)
    assert not sound.truth()["pack_closed"]
    assert sound.truth()["charge_Ah"] == 0.0


def test_a_contactor_that_welds_is_told_and_the_channel_stays_locked(
    sound: Stand, client: ServiceClient, tmp_path: Path
) -> None:
    run_id = begin(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: sound.truth()["current_A"] != 0.0, "a current flows")
    sound.ask("fault", channel="1", instrument="can-bms", name="pack_contactor_welded")
    client.stop("1")
    run = ended(client, run_id)
    safe = run["result"]["safe"]
    assert (safe["verified"], safe["cutoff_open"], safe["output_on"]) == (False, True, False)
    assert any("pack_contactor_welded" in problem for problem in safe["problems"]), safe
    left_safe(sound)
    assert not client.state()["channels"]["1"]["acknowledged"]
