"""A spread sample of the fault campaign: every fault, and every moment on every kind of channel."""

from __future__ import annotations

import pytest

from tests.campaign.case import Row
from tests.campaign.faults import matrix
from tests.campaign.report import summary
from tests.campaign.rig import SPEED
from tests.campaign.sample import sample
from tests.campaign.sweep import sweep

SEED = 1


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return sweep(sample(list(matrix()), SEED))


@pytest.mark.timeout(1500)
def test_no_fault_leaves_anything_energised_loses_data_or_earns_a_wrong_verdict(rows: list[Row]) -> None:
    assert {row.fault for row in rows} == {case.fault.name for case in matrix()}
    assert {(row.kind, row.moment) for row in rows} == {(case.kind, case.moment) for case in matrix()}
    assert not [row for row in rows if row.problems], summary(rows, took_s=0.0, speed=SPEED)


@pytest.mark.timeout(1500)
def test_the_sample_meets_its_moments(rows: list[Row]) -> None:
    # A fault that never began proves nothing.
    assert sum(row.injected for row in rows) > 0.9 * len(rows)


@pytest.mark.timeout(1500)
def test_whole_campaign_is_large_enough() -> None:
    assert len(list(matrix())) >= 2000
