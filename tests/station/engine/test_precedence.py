"""Workers before ordinary programs, behind the guard, and courteous on a computer that is too small."""

from __future__ import annotations

import json
import subprocess
import sys

from station.engine.base.precedence import (
    LOOKS_TO_GIVE_UP,
    LOOKS_TO_TAKE_AGAIN,
    PATIENCE_S,
    REAL_TIME_PRIORITY,
    Courtesy,
)
from station.safety.priority import ROUND_ROBIN_PRIORITY

PROGRAM = """
import json, os, resource, threading
from pathlib import Path
from station.engine.base.precedence import precedence, take_precedence

waiting = threading.Event()
helper = threading.Thread(target=waiting.wait, daemon=True)
helper.start()
before = os.sched_getscheduler(0)
take_precedence()
later = threading.Thread(target=waiting.wait, daemon=True)
later.start()
policies = {
    thread.name: os.sched_getscheduler(thread.native_id)
    for thread in threading.enumerate()
}
policies["helper"] = os.sched_getscheduler(helper.native_id)
policies["later"] = os.sched_getscheduler(later.native_id)
print(json.dumps({
    "before": before,
    "after": precedence(),
    "policies": policies,
    "busy_us": resource.getrlimit(resource.RLIMIT_RTTIME)[0],
    "rr": os.SCHED_RR,
}))
waiting.set()
"""


def told() -> dict[str, object]:
    """What a process of its own says of its threads."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_the_guard_goes_before_the_workers() -> None:
    assert ROUND_ROBIN_PRIORITY > REAL_TIME_PRIORITY


def test_every_thread_but_the_courteous_one_takes_precedence_where_that_is_allowed() -> None:
    answer = told()
    policies = answer["policies"]
    assert isinstance(policies, dict)
    assert policies["courtesy"] == answer["before"]
    if answer["after"] == "ordinary":  # this computer does not allow it: then nothing has changed
        assert set(policies.values()) == {answer["before"]}
        return
    assert {policies[name] for name in ("MainThread", "helper", "later")} == {answer["rr"]}
    assert answer["busy_us"] == 1_000_000, "one that never waits must not own a processor for ever"


def test_ordinary_programs_that_wait_go_first() -> None:
    courtesy = Courtesy()
    said = [courtesy.look(2 * PATIENCE_S) for _ in range(LOOKS_TO_GIVE_UP + 5)]
    assert [word for word in said if word] == ["ordinary"]
    assert said[LOOKS_TO_GIVE_UP - 1] == "ordinary"


def test_a_single_late_look_changes_nothing() -> None:
    courtesy = Courtesy()
    said = [courtesy.look(late_s) for late_s in (2 * PATIENCE_S, 0.05, 2 * PATIENCE_S, 0.05) * 5]
    assert said == [None] * 20


def test_the_turn_is_taken_back_once_nobody_waits() -> None:
    courtesy = Courtesy()
    for _ in range(LOOKS_TO_GIVE_UP):
        courtesy.look(1.0)
    said = [courtesy.look(0.001) for _ in range(LOOKS_TO_TAKE_AGAIN)]
    assert said == [None] * (LOOKS_TO_TAKE_AGAIN - 1) + ["real-time"]
