"""Yield, spread and repeatability, each one question in SQL over the table of ``facts``."""

from __future__ import annotations

import math
from typing import Any, Final

import duckdb
import pyarrow as pa

BY: Final = {
    "maker": "coalesce(maker, '?')",
    "source": "coalesce(source, '?')",
    "type": "coalesce(chemistry, '?') || ' ' || coalesce(printf('%.4g', nominal_capacity_Ah), '?') || ' Ah'",
    "profile": "profile",
    "bench": "bench",
    "channel": "bench || '/' || channel",
    "month": "substr(started_utc, 1, 7)",
}
"""What results can be told apart by."""
Z90: Final = 1.6449
REPEAT_DAYS: Final = 30


def ask(table: pa.Table, query: str, **values: Any) -> list[dict[str, Any]]:
    """The answer's rows; in ``query`` the table is called ``facts``."""
    with duckdb.connect(":memory:") as connection:
        connection.register("facts", table)
        cursor = connection.execute(query, values or None)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def yields(table: pa.Table, by: str = "maker") -> list[dict[str, Any]]:
    """What came of the tests: numbers by verdict, and the passed share with its 90 % interval (Wilson)."""
    rows = ask(
        table,
        f"""SELECT {BY[by]} AS "group", count(*) AS tests, count(DISTINCT battery) AS batteries,
            count(*) FILTER (verdict = 'pass') AS pass, count(*) FILTER (verdict = 'fail') AS fail,
            count(*) FILTER (verdict = 'quarantine') AS quarantine,
            count(*) FILTER (verdict = 'no_verdict') AS no_verdict,
            median(soh) AS soh_median
            FROM facts GROUP BY 1 ORDER BY tests DESC, 1""",
    )
    for row in rows:
        row["pass_share"] = row["pass"] / row["tests"]
        row["pass_low90"], row["pass_high90"] = wilson(row["pass"], row["tests"])
    return rows


def spreads(table: pa.Table, by: str = "type") -> list[dict[str, Any]]:
    """How much batteries differ: the newest test of each; SOH and resistance at 10, 50 and 90 %."""
    return ask(
        table,
        f"""WITH newest AS (SELECT * FROM facts WHERE soh IS NOT NULL
                QUALIFY row_number() OVER (PARTITION BY battery ORDER BY number DESC) = 1)
            SELECT {BY[by]} AS "group", count(*) AS batteries,
            quantile_cont(soh, 0.1) AS soh_p10, median(soh) AS soh_median, quantile_cont(soh, 0.9) AS soh_p90,
            median(resistance_100ms_ohm) AS resistance_median_ohm,
            (quantile_cont(resistance_100ms_ohm, 0.9) - quantile_cont(resistance_100ms_ohm, 0.1))
                / median(resistance_100ms_ohm) AS resistance_spread
            FROM newest GROUP BY 1 ORDER BY batteries DESC, 1""",
    )


def repeatability(table: pa.Table, by: str = "profile") -> list[dict[str, Any]]:
    """The standard deviation of one test, from batteries tested twice by one profile within a month.

    A pair's difference has twice the variance of a test; medians of absolute differences, so that one battery
    that was used in between does not decide.
    """
    return ask(
        table,
        f"""WITH known AS (
              SELECT * REPLACE (
                CASE WHEN resistance_100ms_ohm > 0 THEN resistance_100ms_ohm END AS resistance_100ms_ohm)
              FROM facts WHERE soh IS NOT NULL),
            pairs AS (
              SELECT *, soh - lag(soh) OVER again AS soh_step,
                ln(resistance_100ms_ohm / lag(resistance_100ms_ohm) OVER again) AS resistance_step,
                date_diff('day', lag(started_utc::TIMESTAMP) OVER again, started_utc::TIMESTAMP) AS days
              FROM known
              WINDOW again AS (PARTITION BY battery, profile ORDER BY number))
            SELECT {BY[by]} AS "group", count(*) AS pairs,
              median(abs(soh_step)) * 1.4826 / sqrt(2) AS soh_sd,
              median(abs(resistance_step)) * 1.4826 / sqrt(2) AS resistance_relative_sd
            FROM pairs WHERE soh_step IS NOT NULL AND days <= $days GROUP BY 1 ORDER BY pairs DESC, 1""",
        days=REPEAT_DAYS,
    )


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson 1927); (0, 1) for no trials."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, Z90**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z90 / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)
