"""The soak's findings against its limits, and as a page."""

from __future__ import annotations

import datetime
import platform

from tests.soak.soak import Soak

RSS_PERCENT = 5.0
DRIFT_PPM = 20.0


def problems(soak: Soak, *, rss_percent: float = RSS_PERCENT) -> list[str]:
    """What is not as it must be; empty when all is well."""
    found = [f"a run ended as {outcome}" for outcome in soak.outcomes if outcome != "completed"]
    allowed_s = max(DRIFT_PPM * 1e-6 * soak.hours * 3600, soak.resolution_s)
    if abs(soak.drift_s) > allowed_s:
        found.append(f"the sample clock drifts by {soak.drift_ppm:.1f} ppm")
    for one in soak.processes:
        if one.rss_percent > rss_percent:
            found.append(f"{one.name}: memory grew by {one.rss_percent:.1f} %")
        if one.descriptors_after > one.descriptors_before:
            found.append(f"{one.name}: {one.descriptors_after - one.descriptors_before:g} more descriptors")
        if one.threads_after > one.threads_before:
            found.append(f"{one.name}: {one.threads_after - one.threads_before:g} more threads")
    return found


def markdown(soak: Soak) -> str:
    """One page."""
    asked = soak.samples + soak.skipped
    lines = [
        "# Soak",
        "",
        f"{soak.hours:g} bench hours on {len(soak.outcomes)} channels at {soak.speed:g}× "
        f"({soak.real_s:.0f} s of real time) through service, guard, workers and simulators, on "
        f"{datetime.date.today().isoformat()}, Python {platform.python_version()}.",
        "",
        "| process | memory before → after (MB) | growth (limit 5 %) | descriptors | threads |",
        "|---|---|---|---|---|",
        *(
            f"| {one.name} | {one.rss_before_MB:.1f} → {one.rss_after_MB:.1f} | {one.rss_percent:+.2f} % "
            f"| {one.descriptors_before:g} → {one.descriptors_after:g} "
            f"| {one.threads_before:g} → {one.threads_after:g} |"
            for one in soak.processes
        ),
        "",
        f"Sample clock against simulated time: {soak.drift_s * 1e3:+.1f} ms of bench time over the whole run "
        f"({soak.drift_ppm:+.2f} ppm, limit {DRIFT_PPM:g}; a drift below {soak.resolution_s * 1e3:g} ms, "
        "a millisecond of real time, is not seen).",
        "",
        f"Samples: {soak.samples:,} of {asked:,} asked for; {soak.skipped:,} deadlines passed while the "
        "accelerated bench could not keep up, each in a recorded stretch.",
        "",
        "Before and after are the medians of the first and the last quarter, the first fifth of the time "
        "left out as warm-up.",
        "",
        "Findings: " + ("; ".join(problems(soak)) or "none") + ".",
        "",
    ]
    return "\n".join(lines)
