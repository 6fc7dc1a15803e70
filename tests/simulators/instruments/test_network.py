"""Which current flows: constant current, voltage limits, several instruments, contactor open."""

from __future__ import annotations

import pytest

from simulators.network import Drive, solve_closed, solve_open


class Cell:
    """3.6 V behind 1 mΩ."""

    def voltage_V(self, current_A: float) -> float:
        return 3.6 + 0.001 * current_A

    def current_for_voltage_A(self, voltage_V: float) -> float:
        return (voltage_V - 3.6) / 0.001


CELL = Cell()


@pytest.mark.parametrize(
    ("drive", "line_ohm", "expected_A"),
    [
        (Drive(4.2, -10, 30), 0.0, 30.0),  # charging, far from the limit
        (Drive(3.62, -10, 30), 0.0, 20.0),  # charging, held by the voltage
        (Drive(3.62, -10, 30, remote=False), 0.001, 10.0),  # the same, sensing before the lead
        (Drive(3.0, -50, 30), 0.0, -50.0),  # discharging
        (Drive(3.58, -50, 30), 0.0, -20.0),  # discharging, held by the voltage
        (Drive(0.0, -40, 0), 0.002, -40.0),  # constant-current load
        (Drive(4.2, 0, 0), 0.0, 0.0),  # current limits zero
        (Drive(3.0, 0, 0), 0.0, 0.0),
    ],
)
def test_one_instrument(drive: Drive, line_ohm: float, expected_A: float) -> None:
    assert solve_closed([drive], CELL, line_ohm).current_A == pytest.approx(expected_A)


def test_supply_and_load_share_the_battery() -> None:
    solution = solve_closed([Drive(4.2, 0, 30), Drive(0.0, -10, 0)], CELL, 0.001)
    assert solution.shares_A == pytest.approx((30.0, -10.0))
    assert solution.current_A == pytest.approx(20.0)


def test_regulating_supply_feeds_the_load_and_holds_the_voltage() -> None:
    solution = solve_closed([Drive(3.6, 0, 30), Drive(0.0, -10, 0)], CELL, 0.0)
    assert solution.current_A == pytest.approx(0.0)
    assert solution.shares_A == pytest.approx((10.0, -10.0))


def test_load_beyond_what_the_battery_gives_pulls_it_to_zero_volts() -> None:
    class Weak(Cell):
        def voltage_V(self, current_A: float) -> float:
            return 3.6 + 1.0 * current_A

        def current_for_voltage_A(self, voltage_V: float) -> float:
            return voltage_V - 3.6

    assert solve_closed([Drive(0.0, -40, 0)], Weak(), 0.0).current_A == pytest.approx(-3.6)


def test_open_contactor_leaves_the_instruments_to_each_other() -> None:
    assert solve_open([Drive(4.2, -10, 30)]) == (4.2, (0.0,))
    assert solve_open([Drive(0.0, -10, 0)]) == (0.0, (0.0,))
    voltage_V, shares = solve_open([Drive(4.2, 0, 30), Drive(0.0, -10, 0)])
    assert voltage_V == 4.2
    assert shares == pytest.approx((10.0, -10.0))
    assert solve_open([]) == (0.0, ())
