"""A spread sample of the fault campaign: every fault on every kind of channel, at changing moments."""

from __future__ import annotations

import pytest

from tests.campaign.case import Row
from tests.campaign.faults import matrix
from tests.campaign.report import summary
from tests.campaign.rig import SPEED
from tests.campaign.sweep import choose, sweep

RUNS = 300
SEED = 1


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return sweep(choose(list(matrix()), RUNS, SEED))


@pytest.mark.timeout(1500)
def test_no_fault_leaves_anything_energised_loses_data_or_earns_a_wrong_verdict(rows: list[Row]) -> None:
    assert len(rows) == RUNS
    assert not [row for row in rows if row.problems], summary(rows, took_s=0.0, speed=SPEED)


@pytest.mark.timeout(1500)
def test_the_sample_meets_its_moments(rows: list[Row]) -> None:
    # A fault that never began proves nothing.
    assert sum(row.injected for row in rows) > 0.9 * RUNS


@pytest.mark.timeout(1500)
def test_whole_campaign_is_large_enough() -> None:
    assert len(list(matrix())) >= 2000
