"""SM15K: its sequencer, exact bytes against scripted answers taken from the protocol facts."""

from __future__ import annotations

import pytest

from drivers.contracts.power import SequenceState, SequenceStep
from drivers.delta_sm15k import DeltaSM15K
from drivers.delta_sm15k_program import STEPS_MAX, WORDS_MAX, build_program
from drivers.errors import InstrumentError, OutOfRange
from tests.drivers.sm15k.values import PROTECTION
from tests.drivers.sm15k_script import ScriptedSM15K

TRAIN = (SequenceStep(-50.0, 10.0), SequenceStep(0.0, 40.0), SequenceStep(37.5, 0.25))
WORDS = [
    "SC=0.0000",
    "SCN=0.0000",
    "SV=403.2000",
    "SP=12000.0000",
    "SPN=-14000.0000",
    "SC=0.0000",
    "SV=240.0000",
    "SCN=-50.0000",
    "W=10.000",
    "SC=0.0000",
    "SCN=0.0000",
    "W=40.000",
    "SCN=0.0000",
    "SV=403.2000",
    "SC=37.5000",
    "W=0.250",
    "SC=0.0000",
    "SCN=0.0000",
    "END",
]


def test_sequence_upload_is_read_back(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.load_sequence(TRAIN)
    count = len(WORDS)
    assert unit.server.lines == [
        "PROGram:SELected:NAMe PULSE",
        *(f"PROGram:SELected:STEp {i} {word}" for i, word in enumerate(WORDS, 1)),
        "SYSTem:ERRor?",
        *(f"PROGram:SELected:STEp {i}?" for i in range(1, count + 1)),
    ]
    unit.override["PROGRAM:SELECTED:STEP 8?"] = "8 scn=-50"
    prepared.load_sequence(TRAIN)
    unit.override["PROGRAM:SELECTED:STEP 8?"] = "SCN=-5.0000"
    with pytest.raises(InstrumentError, match="STEp 8"):
        prepared.load_sequence(TRAIN)


def test_sequence_runs_on_the_sequencer_source_and_returns_to_zero(
    unit: ScriptedSM15K, prepared: DeltaSM15K
) -> None:
    prepared.load_sequence(TRAIN)
    prepared.output_on()
    unit.server.clear()
    prepared.start_sequence()
    assert unit.server.lines == [
        "OUTPut?",
        "SOURce:CURrent 0.0000",
        "SOURce:CURrent:NEGative 0.0000",
        "SYSTem:REMote:CP Sequencer",
        "SYSTem:REMote:CC Sequencer",
        "SYSTem:REMote:CV Sequencer",
        "PROGram:SELected:STAte RUN",
        "SYSTem:ERRor?",
    ]
    assert prepared.sequence_state() is SequenceState.RUNNING
    unit.override["PROGRAM:SELECTED:STATE?"] = "PAUSE,7"
    assert prepared.sequence_state() is SequenceState.PAUSED
    del unit.override["PROGRAM:SELECTED:STATE?"]
    unit.server.clear()
    prepared.stop_sequence()
    assert unit.server.lines[:4] == [
        "PROGram:SELected:STAte STOP",
        "SYSTem:REMote:CV Ethernet",
        "SYSTem:REMote:CC Ethernet",
        "SYSTem:REMote:CP Ethernet",
    ]
    assert prepared.sequence_state() is SequenceState.STOPPED


def test_sequence_needs_the_output_on(unit: ScriptedSM15K, prepared: DeltaSM15K) -> None:
    prepared.load_sequence(TRAIN)
    with pytest.raises(InstrumentError, match="output is off"):
        prepared.start_sequence()
    assert "PROGram:SELected:STAte RUN" not in unit.server.lines


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [SequenceStep(-80.5, 1.0)],
        [SequenceStep(1.0, 0.0005)],
        [SequenceStep(1.0, 0.0015)],
        [SequenceStep(1.0, 65536.0)],
        [SequenceStep(1.0, float("nan"))],
        [SequenceStep(1.0, 1.0)] * (STEPS_MAX + 1),
    ],
)
def test_impossible_sequences_send_nothing(
    unit: ScriptedSM15K, prepared: DeltaSM15K, steps: list[SequenceStep]
) -> None:
    with pytest.raises(OutOfRange):
        prepared.load_sequence(steps)
    assert unit.server.lines == []


def test_the_longest_train_fits_the_sequencer() -> None:
    steps = [SequenceStep(1.0, 0.001), SequenceStep(-1.0, 0.001)] * (STEPS_MAX // 2)
    assert len(build_program(steps, PROTECTION, "x")) <= WORDS_MAX
