"""A certificate is entered in the bench file and nothing else of the file changes."""

from __future__ import annotations

import datetime

import pytest

from station.bench import Bench, calibrations_of, check_bench_text, locate_bench, with_calibration
from station.errors import UsageError

DEMO = "# ours: keep this line\n" + locate_bench("demo").read_text(encoding="utf-8")
ADDRESS = "tcp://127.0.0.1:18462"
WANTED = {
    "due": "2027-03-31",
    "certificate": "K-17",
    "done": "2026-03-31",
    "by": "Metrology Ltd",
    "points": [
        {"quantity": "voltage", "unit": "V", "reading": 3.301, "reference": 3.3, "uncertainty": 0.001}
    ],
}


def bench_of(text: str) -> Bench:
    bench, problems = check_bench_text(text, "demo.yaml")
    assert bench is not None, problems
    return bench


def test_a_certificate_is_entered_and_the_rest_stays() -> None:
    text = with_calibration(DEMO, "demo.yaml", ADDRESS, WANTED)
    assert text.startswith("# ours: keep this line\n")
    before, after = bench_of(DEMO), bench_of(text)
    power = after.channel("1").power
    assert power.calibration is not None
    assert power.calibration.due == datetime.date(2027, 3, 31)
    assert power.calibration.points[0].reading == 3.301
    untouched = power.model_copy(update={"calibration": before.channel("1").power.calibration})
    assert untouched == before.channel("1").power
    assert after.channels[1:] == before.channels[1:]


def test_a_part_of_a_joined_pair_is_found_too() -> None:
    after = bench_of(with_calibration(DEMO, "demo.yaml", "tcp://localhost:18463", WANTED))
    supply = after.channel("2").power.parts()["supply"]
    assert supply.calibration is not None
    assert supply.calibration.certificate == "K-17"


@pytest.mark.parametrize(
    ("address", "wanted", "code"),
    [
        ("tcp://127.0.0.1:1", WANTED, "calibration.unknown"),
        (ADDRESS, {**WANTED, "due": "soon"}, "calibration.invalid"),
        (ADDRESS, {**WANTED, "done": "2028-01-01"}, "calibration.invalid"),
        (ADDRESS, {**WANTED, "points": [{"reading": 1}]}, "calibration.invalid"),
    ],
)
def test_what_cannot_be_entered_is_refused(address: str, wanted: dict[str, object], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_calibration(DEMO, "demo.yaml", address, wanted)
    assert caught.value.code == code


def test_due_soon_overdue_and_unknown_are_told_apart() -> None:
    bench = bench_of(with_calibration(DEMO, "demo.yaml", ADDRESS, WANTED))
    for today, state, left in (
        ("2027-03-01", "soon", 30),
        ("2027-02-28", "ok", 31),
        ("2027-03-31", "soon", 0),
        ("2027-04-01", "overdue", -1),
    ):
        rows = calibrations_of(bench, datetime.date.fromisoformat(today))
        row = next(row for row in rows if row["address"] == ADDRESS)
        assert (row["state"], row["days_left"]) == (state, left)
    assert len({row["address"] for row in rows}) == len(rows)
