"""Figures of the past and a battery to judge by them."""

from __future__ import annotations

from typing import Any

import pytest

from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.history import EarlierTest, HistoryFacts, HistoryRules, Intake, read_bms
from station.models.rulebook import load_history_rules


@pytest.fixture(scope="session")
def rules() -> HistoryRules:
    return load_history_rules()


def soh(estimate: float, half90: float = 0.03) -> SohInterval:
    return SohInterval(estimate=estimate, low90=estimate - half90, high90=estimate + half90)


def facts(
    estimate: float | None = 0.83,
    half90: float = 0.03,
    *,
    bms: dict[str, Any] | None = None,
    intake: dict[str, Any] | None = None,
    **more: Any,
) -> HistoryFacts:
    """A 20 Ah cell with that estimate by its pulses."""
    return HistoryFacts(
        **{
            "today": "2026-06-01",
            "soh": None if estimate is None else soh(estimate, half90),
            "nominal_capacity_Ah": 20.0,
            "series_cells": 1,
            "intake": Intake(**(intake or {})),
            "bms": read_bms(bms or {}),
            **more,
        }
    )


def earlier(estimate: float | None = 0.85, day: str = "2026-01-01", **more: Any) -> EarlierTest:
    """A test of the same cell by pulses."""
    return EarlierTest(
        **{
            "run_id": f"run-{day}",
            "day": day,
            "soh": None if estimate is None else soh(estimate),
            "nominal_capacity_Ah": 20.0,
            "series_cells": 1,
            **more,
        }
    )
