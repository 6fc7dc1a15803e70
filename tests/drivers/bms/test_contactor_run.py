"""A step of a pack's contactors is confirmed by what the pack says after it was asked, by nothing older."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from drivers.bms.contactors import ContactorRun
from drivers.bms.family import load_family
from drivers.contracts.bms import ContactorFault
from drivers.keeper.link import Keeper


class Clock:
    """Bench seconds that pass by sleeping."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.now_s += duration_s


class Sending:
    """A keeper that sends what it is told."""

    def wait_ready(self, _timeout_s: float) -> bool:
        return True

    def problem(self) -> str:
        return ""

    def beat(self) -> None:
        """Nothing to keep alive."""

    def set(self, frames: Iterable[Any]) -> None:
        """Taken."""


class Said:
    """A pack that said the same for every wanted signal at ``at_s`` and, from ``again_s`` on, once more."""

    def __init__(self, clock: Clock, values: dict[str, Any], at_s: float, again_s: float) -> None:
        self._clock, self._values, self._at_s, self._again_s = clock, values, at_s, again_s

    def signal(self, name: str, since_s: float = -float("inf")) -> Any:
        newest_s = self._again_s if self._clock() >= self._again_s else self._at_s
        return self._values.get(name) if newest_s >= since_s else None

    def heard_age_s(self) -> float:
        return 0.0

    def command(self, _request: bytes, _reply: bytes) -> str:
        return ""


def run(again_s: float) -> tuple[ContactorRun, Clock]:
    clock = Clock()
    model = load_family("byd-atto3").model
    assert model.contactors is not None
    closing = model.contactors.model_copy(update={"close": (model.contactors.close[0],)})
    values = {name: wanted[0] for name, wanted in closing.close[0].until.items()}
    assert values, "the first step of this family waits for a word of the pack"
    pack = Said(clock, values, at_s=99.9, again_s=again_s)
    return ContactorRun(closing, (), pack, cast(Keeper, Sending()), clock, clock.sleep), clock


def test_what_was_said_before_the_step_confirms_nothing() -> None:
    sequence, _ = run(again_s=float("inf"))
    with pytest.raises(ContactorFault) as error:
        sequence.close(lambda: None, lambda: 0.0)
    assert error.value.finding in ("not_closed", "precharge_stuck")


def test_the_same_word_said_again_does() -> None:
    sequence, clock = run(again_s=101.0)
    (step,) = sequence.close(lambda: None, lambda: 0.0)
    assert step.took_s >= 1.0 - 1e-6
    assert clock() >= 101.0
