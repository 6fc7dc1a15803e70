"""The quick check on a simulated bench: fixtures are those of Pulse Station's pytest plugin."""

from pathlib import Path

PROFILE = Path(__file__).parents[1] / "profiles" / "quick-check.yaml"


def test_plays_to_its_end_and_stays_away_from_every_limit(channel, sim_cell):
    sim_cell("NMC", capacity_Ah=20, soc=0.5, soh=0.9)
    run = channel.run(PROFILE)
    assert run.completed, run.error
    assert run.totals()["discharge_Ah"] < 0.02
    assert not [margin for margin in run.margins if margin.name.startswith("voltage") and margin.near]


def test_a_pressed_emergency_button_on_the_instrument_is_named(channel, sim_cell, faults):
    sim_cell("NMC", capacity_Ah=20, soc=0.5)
    faults.arm("output_trip", "rise")
    run = channel.run(PROFILE)
    assert not run.completed
    assert run.error["code"].startswith(("driver.", "instrument.", "safety."))
