"""The tables of GB/T 34014 symbol by symbol, written down here a second time."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import pytest

from station.identity import describe

YEARS = "123456789ABCDEFGHJKLMNPRST"
MONTHS = "123456789ABC"
DAYS = "123456789ABCDEFGHJKLMNPRSTUVWXY"


def made_on(symbols: str) -> str | None:
    told: str | None = describe(f"04QCB76836300J{symbols}0000903").decoded["made_on"]
    assert describe(f"04QCB76{symbols}0000903RC").decoded["made_on"] == told, (
        "a second-life code says the same"
    )
    return told


def test_every_day_of_every_year_that_is_known() -> None:
    for number, year in enumerate(YEARS, 2011):
        for month, symbol in enumerate(MONTHS, 1):
            last = monthrange(number, month)[1]
            for day in {1, 9, 10, 17, 18, 22, 23, 24, 25, last}:
                assert made_on(f"{year}{symbol}{DAYS[day - 1]}") == date(number, month, day).isoformat()
            assert made_on(f"{year}{symbol}0") == f"{number}-{month:02}"


@pytest.mark.parametrize("symbols", ["U11", "V11", "W11", "X11", "Y11"])
def test_years_that_sources_do_not_agree_on_stay_unknown(symbols: str) -> None:
    assert made_on(symbols) is None


@pytest.mark.parametrize("symbols", ["82Y", "011", "8D1", "I11", "O11", "Q11", "8I1", "81O"])
def test_what_is_no_date_is_never_made_one(symbols: str) -> None:
    assert describe(f"04QCB76836300J{symbols}0000903").decoded.get("made_on") is None
