"""The baseline of the timing figures: a process that asks V and I at absolute deadlines, nothing else.

Run as ``python -m tests.benchmarks.bare_loop PORT RATE_HZ SECONDS``; prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time

from tests.benchmarks.links import RawSocket


def loop(port: int, rate_Hz: float, seconds: float) -> dict[str, object]:
    """How late each sample was begun, in ms, and the processor time in µs that one sample took."""
    link = RawSocket(port)
    late_ms = []
    period_s = 1 / rate_Hz
    used_s = time.process_time()
    next_s = time.perf_counter() + 0.1
    for _ in range(int(seconds * rate_Hz)):
        time.sleep(max(next_s - time.perf_counter(), 0.0))
        late_ms.append((time.perf_counter() - next_s) * 1e3)
        link.query("MEAS:VOLT?")
        link.query("MEAS:CURR?")
        next_s += period_s
    used_s = time.process_time() - used_s
    link.close()
    return {"late_ms": late_ms, "cpu_us": used_s / max(len(late_ms), 1) * 1e6}


if __name__ == "__main__":
    print(json.dumps(loop(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))
