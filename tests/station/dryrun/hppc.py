"""The HPPC block that is held against PyBaMM's: by stored tables in the tests, live in the benchmark."""

from __future__ import annotations

import profiles

SAMPLING_HZ = 20.0
WORDS = profiles.Title(zh="脉冲", en="HPPC")
HPPC = profiles.Profile(
    name="hppc-dfn",
    title=WORDS,
    description=WORDS,
    sampling_Hz=SAMPLING_HZ,
    timing="commanded",
    steps=(
        profiles.ContactCheck(current_C=0.05),
        profiles.Rest(duration_s=10),
        profiles.HppcBlock(current_C=1.0),
    ),
)
