"""Profiles to and from aurora-unicycler, PyBaMM's strings and the cyclers' files."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import profiles
from profiles.hashing import profile_hash
from simulators.instruments.neware_steps import read_step_file
from station.exchange import CannotSay, export_profile, import_profile

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    unicycler: Any = pytest.importorskip("aurora_unicycler")

WORDS = profiles.Title(zh="试", en="test")
LIMITS = profiles.ProfileLimits(cell_voltage_min_V=2.5, cell_voltage_max_V=4.25, current_max_C=2)


def profile(*steps: Any, **more: Any) -> profiles.Profile:
    """A profile from Python."""
    given = {"name": "exchange", "title": WORDS, "description": WORDS, "limits": LIMITS, **more}
    return profiles.Profile(steps=(profiles.ContactCheck(), *steps), **given)


REST = {"step": "open_circuit_voltage", "until_time_s": 1}
HPPC = profiles.HppcBlock(current_C=1.0)
CYCLE = profile(
    profiles.Rest(duration_s=600),
    profiles.Loop(
        times=3,
        steps=(
            profiles.CcCv(current_C=0.5, cell_voltage_V=4.2, current_end_C=0.05, duration_max_s=14_400),
            profiles.Rest(duration_s=60),
            profiles.ConstantCurrent(
                direction="discharge",
                current_C=1.0,
                duration_max_s=4320,
                until=("cell_voltage_V <= 2.7 V",),
                must_reach=True,
            ),
        ),
    ),
    HPPC,
)


def exported(format: str, made: profiles.Profile = CYCLE, **more: Any) -> Any:
    return export_profile(made, format, nominal_capacity_Ah=20.0, without_checks=True, **more)


def test_round_trip_through_aurora_unicycler_and_its_pybamm_export() -> None:
    text = exported("unicycler").text
    theirs = unicycler.CyclingProtocol.from_dict(json.loads(text))
    kinds = [step.step for step in theirs.method]
    assert kinds[:3] == ["open_circuit_voltage", "tag", "constant_current"]
    assert kinds.count("loop") == 1
    back = import_profile(theirs.to_json(), "unicycler").profile
    assert [step.step for step in back.steps][:3] == ["contact_check", "rest", "loop"]
    assert json.loads(exported("unicycler", back).text)["method"] == json.loads(text)["method"]
    assert back.limits == CYCLE.limits
    assert profile_hash(import_profile(exported("unicycler", back).text, "unicycler").profile) == (
        profile_hash(import_profile(text, "unicycler").profile)
    )
    # Their strings and ours are one experiment, and ours are read back as the same stretches.
    ours = import_profile(exported("pybamm").text, "pybamm", nominal_capacity_Ah=20.0).profile
    from_theirs = import_profile(json.dumps(theirs.to_pybamm_experiment()), "pybamm").profile
    assert exported("pybamm", ours).text == exported("pybamm", from_theirs).text == exported("pybamm").text


def test_a_neware_file_holds_what_the_profile_says() -> None:
    found = exported("neware", chemistry="NMC")
    program = read_step_file(found.text)
    kinds = [step.kind for step in program.steps]
    block = ["discharge", "rest", "charge", "rest"]
    assert kinds == ["rest", *["charge", "cv", "rest", "discharge"] * 3, *block]
    charge, held = program.steps[1], program.steps[2]
    assert (charge.current_A, charge.until_V) == (10.0, 4.2)
    assert (held.voltage_V, held.until_A) == (4.2, 1.0)
    assert program.steps[-2].current_A == 15.0
    assert program.limits.voltage_max_V == 4.25
    assert any("contact check" in line for line in found.left_out)


def test_arbin_and_maccor_get_the_values_of_the_site_s_own_schedule() -> None:
    rows = exported("arbin", profile(HPPC), chemistry="NMC").text.splitlines()
    assert rows[0].startswith("group,MV_UD1,")
    assert [float(v) for v in rows[1].split(",")[5:13]] == [-20, 10, 0, 40, 15, 10, 0, 40]
    assert "VAR1" in exported("maccor", profile(HPPC), chemistry="NMC").text
    train = profile(profiles.CurrentTable(rows=tuple((float(n), (-1.0) ** n) for n in range(9))))
    with pytest.raises(CannotSay, match="room for 6") as caught:
        exported("arbin", train, chemistry="NMC")
    assert (caught.value.params["step"], caught.value.params["kind"]) == (2, "current_table")
    with pytest.raises(CannotSay, match="time only"):
        exported("maccor", CYCLE, chemistry="NMC")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (profiles.OcvWait(drift_max_mV_per_min=1, duration_max_s=600), "for a time"),
        (profiles.If(condition="cell_voltage_V < 3 V", then=(profiles.Rest(duration_s=5),)), "decided while"),
        (profiles.ConstantResistance(resistance_ohm=0.1, current_max_C=1, duration_max_s=60), "resistance"),
        (profiles.Prompt(text=profiles.Words(zh="看", en="look")), "asks a person"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_step(step: Any, why: str) -> None:
    for format in ("unicycler", "pybamm", "neware", "arbin", "maccor"):
        with pytest.raises(CannotSay, match=why) as caught:
            exported(format, profile(HPPC, step), chemistry="NMC")
        assert (caught.value.params["step"], caught.value.params["kind"]) == (3, step.step)
        assert caught.value.remedy


def test_checks_of_the_station_are_not_dropped_silently() -> None:
    with pytest.raises(CannotSay, match="contact check") as caught:
        export_profile(CYCLE, "unicycler", nominal_capacity_Ah=20.0)
    assert (caught.value.code, caught.value.params["step"]) == ("exchange.check_here", 1)


def test_pybamm_strings_become_steps() -> None:
    text = """
    # as in the documentation
    "Discharge at C/10 for 10 hours or until 3.3 V",
    "Rest for 1 hour (1 minute period)",
    "Charge at 1 A until 4.1 V",
    "Hold at 4.1 V until 50 mA",
    "Discharge at 40 W for 5 minutes",
    """
    found = import_profile(text, "pybamm", nominal_capacity_Ah=5.0, current_max_C=3.0, name="doc").profile
    kinds = [step.step for step in found.steps]
    assert kinds == ["contact_check", "constant_current", "rest", "cccv", "constant_power"]
    first, rest, cccv = found.steps[1], found.steps[2], found.steps[3]
    assert isinstance(first, profiles.ConstantCurrent)
    assert (first.current_C, first.duration_max_s) == (0.1, 36_000.0)
    assert first.until == ("cell_voltage_V <= 3.3 V",)
    assert isinstance(rest, profiles.Rest)
    assert rest.record is not None
    assert rest.record.every_s == 60.0
    assert isinstance(cccv, profiles.CcCv)
    assert (cccv.current_C, cccv.current_end_C) == (0.2, 0.01)
    assert "imported" in found.description.en


@pytest.mark.parametrize(
    ("text", "step", "why"),
    [
        ('["Rest for 5 seconds", "Run US06 (A)"]', 2, "not understood"),
        ('["Rest"]', 1, "needs a time"),
        ('["Charge at 1C"]', 1, "no end"),
        ('["Hold at 4 V until 50 mA"]', 1, "how much current"),
        ('["Discharge at 3 V for 2 hours"]', 1, "not known here"),
        ('["Charge at 1C for 3 fortnights"]', 1, "no time"),
        ('["Charge at xC for 3 hours"]', 1, "no value"),
        ("[5]", 1, "no string"),
        ("[", 0, "no JSON"),
    ],
)
def test_strings_that_cannot_be_said_are_named(text: str, step: int, why: str) -> None:
    with pytest.raises(CannotSay, match=why) as caught:
        import_profile(text, "pybamm")
    assert caught.value.params["step"] == step


@pytest.mark.parametrize(
    ("method", "step", "why"),
    [
        ([{"step": "voltage_scan", "start_voltage_V": 3, "end_voltage_V": 4}], 1, "no such step"),
        ([REST, {"step": "loop", "loop_to": "x", "cycle_count": 2}], 2, "go back"),
        ([{"step": "constant_current", "rate_C": "C/x", "until_time_s": 1}], 1, "no C-rate"),
    ],
)
def test_protocols_that_cannot_be_said_are_named(method: list[Any], step: int, why: str) -> None:
    with pytest.raises(CannotSay, match=why) as caught:
        import_profile(json.dumps({"record": {"time_s": 1}, "method": method}), "unicycler")
    assert caught.value.params["step"] == step


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("method",), None, "object is not iterable"),
        (("sample", "capacity_mAh"), "much", "capacity_mAh: 'much' is no number"),
        (("method", 0, "until_time_s"), None, "until_time_s is missing"),
        (("method", 0, "until_time_s"), [1], "is no number"),
        (("method", 2, "rate_C"), {}, "is no C-rate"),
        (("method", 3, "voltage_V"), float("nan"), "nan is no number"),
        (("method", 6, "cycle_count"), 2.5, "no whole number"),
        (("method", 6, "loop_to"), [], "to go back to"),
    ],
)
def test_a_damaged_protocol_is_refused_by_its_step(path: tuple[Any, ...], value: Any, why: str) -> None:
    protocol = json.loads(exported("unicycler").text)
    holder = protocol
    for part in path[:-1]:
        holder = holder[part]
    assert path[-1] in holder
    holder[path[-1]] = value
    with pytest.raises(CannotSay, match=re.escape(why)) as caught:
        import_profile(json.dumps(protocol), "unicycler")
    assert caught.value.params["step"] == (path[1] + 1 if path[0] == "method" and len(path) > 1 else 0)


@pytest.mark.parametrize(
    "text", ["Discharge at C/3 until 2..5 V", "Rest for 3- seconds", "Hold at 4.2. V for 3 s"]
)
def test_numbers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(CannotSay):
        import_profile(text, "pybamm", nominal_capacity_Ah=5.0, current_max_C=2)


def test_our_neware_file_is_what_aurora_neware_s_client_sends(tmp_path: Path) -> None:
    """Its client hands the file's path to a BTS server, which plays it: the simulated one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        neware: Any = pytest.importorskip("aurora_neware")
    from simulators.bench import running
    from simulators.config import BenchSimulation

    places = [{"devid": 21, "subdevid": 1, "chlid": 1}]
    cell = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.9, "soc": 0.5}
    instrument = {"kind": "neware-bts8", "options": {"places": places}}
    bench = {"speed": 200.0, "channels": [{"id": "1", "battery": cell, "instruments": [instrument]}]}
    file = tmp_path / "hppc.xml"
    short = profiles.HppcBlock(current_C=1.0, discharge_s=5, between_s=5, charge_s=5, rest_s=5)
    file.write_text(exported("neware", profile(short), chemistry="NMC").text)
    with (
        running(BenchSimulation.model_validate(bench), timeout_s=60) as info,
        neware.NewareAPI("127.0.0.1", info["instruments"][0]["port"]) as api,
    ):
        assert api.start("21-1-1", "sample", file, tmp_path)[0]["start"] == "ok"
        while api.inquire("21-1-1")["21-1-1"]["workstatus"] == "working":
            continue
        assert api.inquire("21-1-1")["21-1-1"]["workstatus"] == "finish"
        data = api.download("21-1-1", 0)
    assert sorted(set(data["stepid"])) == [1, 2, 3, 4]
    last = dict(zip(data["stepid"], data["curr"], strict=True))
    assert last[1] == pytest.approx(-20.0, abs=0.05)
    assert last[3] == pytest.approx(15.0, abs=0.05)
