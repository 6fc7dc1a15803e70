from __future__ import annotations

import pytest

from station.safety.shutdown import SafeReport, ordered_shutdown
from tests.station.safety.fakes import BROKEN, LOST, FakePower


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def shut(
    power: FakePower | None, cutoff: bool | Exception | None = True, spare: FakePower | None = None
) -> SafeReport:
    order: list[str] = [] if power is None else power.calls

    def open_cutoff() -> bool:
        order.append("open_cutoff")
        if isinstance(cutoff, Exception):
            raise cutoff
        return bool(cutoff)

    def reopen() -> FakePower:
        if spare is None:
            raise LOST
        return spare

    time = Time()
    return ordered_shutdown(
        power,
        open_cutoff=None if cutoff is None else open_cutoff,
        current_tolerance_A=0.1,
        reopen=reopen,
        monotonic=time.monotonic,
        sleep=time.sleep,
    )


def test_the_order() -> None:
    power = FakePower()
    assert shut(power) == SafeReport(True, False, 0.0, True)
    assert power.calls == ["make_safe", "verify_safe", "open_cutoff"]


def test_current_may_take_a_moment() -> None:
    power = FakePower()
    power.settles_after = 5
    assert shut(power).verified
    assert power.calls.count("verify_safe") == 6


def test_every_part_is_tried() -> None:
    power = FakePower()
    power.fails = {"make_safe": BROKEN, "set_current": BROKEN}
    report = shut(power)
    assert power.calls == ["make_safe", "set_current", "output_off", "verify_safe", "open_cutoff"] or (
        "output_off" in power.calls and power.calls[-1] == "open_cutoff"
    )
    assert not power.on
    assert report.problems


def test_what_is_not_off_is_never_called_safe() -> None:
    power = FakePower()
    power.stays_on = True
    report = shut(power)
    assert not report.verified
    assert report.output_on is True
    assert report.cutoff_open is True
    power = FakePower()
    power.leaves_current_A = 0.5
    assert shut(power) == SafeReport(False, False, 0.5, True, shut(power).problems)


def test_a_dead_link_is_said_and_the_cutoff_still_opens() -> None:
    power = FakePower()
    power.fails = {"make_safe": LOST}
    report = shut(power)
    assert (report.verified, report.output_on, report.current_A, report.cutoff_open) == (
        False,
        None,
        None,
        True,
    )
    assert any("second session" in problem for problem in report.problems)


def test_a_second_session_can_still_verify() -> None:
    power, spare = FakePower(), FakePower()
    power.fails = {"make_safe": LOST}
    report = shut(power, spare=spare)
    assert report.verified
    assert spare.calls == ["make_safe", "verify_safe", "close"]


def test_an_instrument_that_refuses_is_cut_off_before_anything_else_is_tried() -> None:
    power, spare = FakePower(), FakePower()
    power.fails = dict.fromkeys(("make_safe", "set_current", "output_off"), BROKEN)
    calls: list[str] = power.calls
    spare.calls = calls
    time = Time()
    cut_at_s: list[float] = []

    def open_cutoff() -> bool:
        calls.append("open_cutoff")
        cut_at_s.append(time.now)
        return True

    report = ordered_shutdown(
        power,
        open_cutoff=open_cutoff,
        current_tolerance_A=0.1,
        reopen=lambda: spare,
        monotonic=time.monotonic,
        sleep=time.sleep,
    )
    assert calls.count("open_cutoff") == 1
    assert calls.index("open_cutoff") < len(calls) - 1 - calls[::-1].index("make_safe")
    assert cut_at_s[0] < 0.3
    assert report.cutoff_open is True


@pytest.mark.parametrize(("cutoff", "state"), [(False, False), (RuntimeError("guard"), False), (None, None)])
def test_the_cutoff_is_reported_as_it_is(cutoff: bool | Exception | None, state: bool | None) -> None:
    report = shut(FakePower(), cutoff)
    assert report.verified
    assert report.cutoff_open is state


def test_nothing_was_opened() -> None:
    report = ordered_shutdown(None, current_tolerance_A=0.1)
    assert not report.verified
    assert report.as_dict() == {
        "verified": False, "output_on": None, "current_A": None, "cutoff_open": None, "problems": [],
    }  # fmt: skip
