"""What the operator's actions lead to, without a window."""

from __future__ import annotations

from typing import Any

import pytest

from station.errors import StationError
from station.ui.desk import REFUSAL_S, Desk, Request
from station.ui.mirror import Mirror
from station.ui.views import BenchInfo
from tests.ui.scripted import CODES, GOOD_GUARD, MISSING, bench, fault, idle, running, verdict

NEW = "04QCB76G88201JD1A0000099"


class Scene:
    """Desk and mirror with a clock and a list of requests."""

    def __init__(
        self, channels: dict[str, dict[str, Any]] | None = None, count: int = 4, **guard: Any
    ) -> None:
        self.time = 100.0
        self.asked: list[Request] = []
        self.mirror = Mirror(lambda: self.time, lambda: self.time)
        self.desk = Desk(self.mirror, self._ask, lambda: self.time)
        self.known: dict[str, Any] | None = None
        self.quick = True
        """Whether the records answer at once."""
        self.mirror.bench_seen(BenchInfo.read(bench(count)))
        self.desk.choose_defaults()
        given = channels or {}
        states = {str(n + 1): given.get(str(n + 1), idle()) for n in range(count)}
        self.mirror.apply({"type": "state", "channels": states, "guard": {**GOOD_GUARD, **guard}})

    def _ask(self, request: Request) -> None:
        self.asked.append(request)
        if request.kind == "battery" and self.quick:
            self.desk.answered(request, self.known)

    def kinds(self) -> list[str]:
        return [request.kind for request in self.asked]

    @property
    def said(self) -> str:
        prompt = self.desk.prompt()
        return prompt.key if prompt.error is None else prompt.error.code


def test_scan_channel_start_is_the_whole_way() -> None:
    scene = Scene()
    scene.desk.scan(NEW)
    assert scene.said == "prompt.choose_channel"
    scene.desk.select("2")
    assert scene.said == "prompt.ready"
    assert "start" not in scene.kinds()
    scene.desk.start()
    assert scene.asked[-1] == Request("start", "2", "rapid", NEW)
    scene.desk.answered(scene.asked[-1], "run-2")
    assert scene.desk.code is None
    assert scene.said == "tell.started"


def test_the_channel_is_chosen_when_only_one_is_free() -> None:
    scene = Scene({"1": running("1", 5), "2": running("2", 5), "4": fault("4")})
    scene.desk.scan(NEW)
    assert scene.desk.selected == "3"
    assert scene.said == "prompt.ready"


def test_scanning_alone_never_starts_anything() -> None:
    scene = Scene(count=1)
    for raw in (NEW, NEW, "#CMD#CHANNEL,1#", "#CMD#PROFILE,screen#", "OTHER-1"):
        scene.desk.scan(raw)
    assert scene.desk.profile == "screen"
    assert set(scene.kinds()) == {"battery"}


def test_pressing_start_twice_asks_once() -> None:
    scene = Scene()
    scene.desk.scan(NEW)
    scene.desk.select("1")
    scene.desk.start()
    scene.desk.start()
    scene.desk.scan("#CMD#START#")
    assert scene.kinds().count("start") == 1
    scene.desk.answered(scene.asked[-1], "run-1")
    scene.mirror.apply({"type": "channel", "channel": "1", "state": running("1", 0.1)})
    scene.desk.start()
    assert scene.kinds().count("start") == 1
    assert scene.said == "tell.already_running"


@pytest.mark.parametrize(
    ("channels", "select", "scan", "refusal"),
    [
        ({"1": fault("1")}, "1", NEW, "refuse.unacknowledged"),
        ({"1": verdict("1", "fail")}, "1", NEW, "refuse.unacknowledged"),
        ({"1": verdict("1", "quarantine")}, "1", NEW, "refuse.unacknowledged"),
        ({"1": verdict("1", "no_verdict")}, "1", NEW, "refuse.unacknowledged"),
        ({"1": running("1", 3)}, "2", CODES["1"], "refuse.code_on_channel"),
        ({"1": fault("1")}, "2", CODES["1"], "refuse.code_on_channel"),
        ({}, "2", "", "refuse.empty_code"),
        ({}, "2", "!!", "refuse.malformed_code"),
        ({}, "2", "#CMD#NONSENSE#", "refuse.unknown_command"),
        ({}, "2", "#CMD#CHANNEL,9#", "refuse.no_such_channel"),
        ({}, "2", "#CMD#PROFILE,deep#", "refuse.no_such_profile"),
        ({str(n): running(str(n), 3) for n in (1, 2, 3, 4)}, "1", NEW, "refuse.no_free_channel"),
    ],
)
def test_a_scan_that_cannot_be_taken_is_refused_by_name(
    channels: dict[str, Any], select: str, scan: str, refusal: str
) -> None:
    scene = Scene(channels)
    scene.desk.select(select)
    scene.desk.scan(scan)
    assert scene.said == refusal
    assert scene.desk.prompt().level == "refusal"
    assert scene.desk.code is None
    assert scene.asked == []


def test_a_refusal_goes_by_itself() -> None:
    scene = Scene()
    scene.desk.scan("")
    scene.time += REFUSAL_S + 0.1
    assert scene.said == "prompt.scan"


@pytest.mark.parametrize(
    ("guard", "refusal"),
    [({"estop_ok": False}, "refuse.estop_open"), ({"interlock_ok": False}, "refuse.interlock_open")],
)
def test_no_start_with_an_input_open(guard: dict[str, Any], refusal: str) -> None:
    scene = Scene(**guard)
    scene.desk.scan(NEW)
    scene.desk.select("1")
    scene.desk.start()
    assert scene.said == refusal
    assert "start" not in scene.kinds()


@pytest.mark.parametrize("missing", ["code", "channel"])
def test_start_says_what_is_missing(missing: str) -> None:
    scene = Scene()
    if missing == "channel":
        scene.desk.scan(NEW)
    else:
        scene.desk.select("1")
    scene.desk.start()
    assert scene.said == f"refuse.no_{missing}"
    assert "start" not in scene.kinds()


def test_stops_are_always_asked_whatever_seems_to_run() -> None:
    scene = Scene({"2": running("2", 4)})
    scene.desk.stop()
    assert scene.said == "refuse.no_channel_to_stop"
    scene.desk.select("2")
    scene.desk.stop()
    scene.desk.stop()
    assert scene.kinds() == ["stop"]
    scene.desk.answered(scene.asked[-1], None)
    scene.desk.stop()
    assert scene.kinds() == ["stop", "stop"]
    scene.desk.scan("#CMD#STOP,1#")
    assert scene.asked[-1] == Request("stop", "1")
    assert scene.said == "tell.nothing_to_stop"
    scene.mirror.connection_lost("gone")
    scene.desk.scan("#CMD#STOPALL#")
    assert scene.asked[-1] == Request("stop_all")


def test_a_pass_gives_way_to_the_next_scan_and_a_failure_does_not() -> None:
    scene = Scene({"1": verdict("1", "pass", acknowledged=False)})
    scene.desk.select("1")
    scene.desk.scan(NEW)
    assert Request("acknowledge", "1") in scene.asked
    assert scene.desk.code == NEW
    failed = Scene({"1": verdict("1", "fail")})
    failed.desk.select("1")
    failed.desk.scan(NEW)
    assert failed.asked == []


def test_acknowledge_finds_the_one_that_waits() -> None:
    scene = Scene({"3": fault("3")})
    scene.desk.acknowledge()
    assert scene.asked == [Request("acknowledge", "3")]
    two = Scene({"2": fault("2"), "3": fault("3")})
    two.desk.acknowledge()
    assert two.said == "refuse.choose_to_acknowledge"
    two.desk.scan("#CMD#ACK,2#")
    assert two.asked == [Request("acknowledge", "2")]


def test_an_acknowledgement_that_fails_stays_open() -> None:
    scene = Scene({"3": fault("3")})
    scene.desk.acknowledge()
    scene.desk.answered(scene.asked[-1], StationError("still running", code="station.worker_alive"))
    assert scene.said == "station.worker_alive"
    assert scene.mirror.slots["3"].state.needs_acknowledgement


def test_the_service_asks_for_the_capacity_once() -> None:
    scene = Scene(count=1)
    scene.desk.scan(NEW)
    scene.desk.start()
    scene.desk.answered(scene.asked[-1], MISSING)
    assert scene.desk.missing == {"nominal_capacity_Ah"}
    assert scene.said == "prompt.missing"
    scene.desk.start()
    assert scene.said == "refuse.facts_missing"
    scene.desk.start(35.0, "LFP")
    assert scene.asked[-1] == Request("start", "1", "rapid", NEW, 35.0, "LFP")
    scene.desk.answered(scene.asked[-1], "run-1")
    assert scene.desk.missing == frozenset()


def test_any_other_refusal_of_the_service_is_shown_and_the_code_stays() -> None:
    scene = Scene(count=1)
    scene.desk.scan(NEW)
    scene.desk.start()
    scene.desk.answered(scene.asked[-1], StationError("busy", remedy="wait", code="station.battery_busy"))
    assert scene.said == "station.battery_busy"
    assert scene.desk.code == NEW


def test_nothing_starts_without_the_service() -> None:
    scene = Scene(count=1)
    scene.desk.scan(NEW)
    scene.mirror.connection_lost("gone")
    scene.desk.start()
    assert scene.said == "refuse.service_lost"
    scene.desk.scan("OTHER-2")
    assert scene.said == "refuse.service_lost"
    assert scene.desk.code == NEW


def test_a_label_in_two_halves_is_joined_in_any_order() -> None:
    for scans in (("02LCC02100101A", "87Y0026421"), ("87Y0026421", "02LCC02100101A")):
        scene = Scene()
        scene.desk.scan(scans[0])
        if scans[0].startswith("02L"):
            assert (scene.said, scene.desk.prompt().params["left"]) == ("prompt.part", 10)
            scene.desk.start()
            assert scene.said == "refuse.part_open"
        scene.desk.scan(scans[1])
        assert scene.desk.code == "02LCC02100101A87Y0026421"
    half = Scene()
    half.desk.scan("02LCC02100101A")
    half.desk.scan("OWN-7")
    assert half.said == "refuse.part_unfit"
    half.desk.scan("#CMD#YES#")
    assert half.desk.code == "02LCC02100101A"


TESTED = {"runs": [{"verdict": "pass", "started_utc": "2026-11-20T08:00:00.000Z"}]}


def test_a_battery_that_has_a_verdict_is_tested_again_only_after_a_yes() -> None:
    scene = Scene(count=1)
    scene.known = TESTED
    scene.desk.scan(NEW)
    assert scene.said == "prompt.tested"
    scene.desk.start()
    assert scene.said == "refuse.answer_first"
    scene.desk.scan("#CMD#YES#")
    scene.desk.scan("#CMD#START#")
    assert scene.kinds() == ["battery", "start"]
    retest = Scene(count=1)
    retest.known = {"runs": [{"verdict": "no_verdict"}, *TESTED["runs"]]}
    retest.desk.scan(NEW)
    assert retest.said == "prompt.ready"


@pytest.mark.parametrize("cut", ["nothing", "stop", "known"])
def test_a_start_waits_for_what_the_records_say(cut: str) -> None:
    scene = Scene(count=1)
    scene.quick = False
    scene.desk.scan(NEW)
    scene.desk.start()
    assert (scene.said, scene.kinds()) == ("prompt.starting", ["battery"])
    lookup = scene.asked[0]
    if cut == "stop":
        scene.desk.stop_all()
    scene.desk.answered(lookup, TESTED if cut == "known" else None)
    assert ("start" in scene.kinds()) == (cut == "nothing")


def test_a_battery_without_a_code_gets_one_even_when_the_service_gives_none() -> None:
    for answer in ({"code": "OWN-7", "printed": True}, StationError("no route", code="service.answer")):
        scene = Scene(count=1)
        scene.desk.scan("#CMD#NOCODE#")
        scene.desk.answered(scene.asked[-1], answer)
        assert scene.desk.code is not None
        assert scene.desk.code.startswith("OWN-")
        assert scene.said == "prompt.own_ready"
        scene.desk.scan("#CMD#NOCODE#")
        assert scene.said == "refuse.own_open"
        assert "start" not in scene.kinds()


def test_next_needs_what_is_not_a_pass_acknowledged() -> None:
    scene = Scene({"1": verdict("1", "pass", acknowledged=False), "2": verdict("2", "fail")})
    scene.desk.scan("#CMD#NEXT,2#")
    assert scene.said == "refuse.unacknowledged"
    scene.desk.scan("#CMD#NEXT,1#")
    assert scene.asked == [Request("acknowledge", "1")]


def test_sounds_tell_accepted_from_refused() -> None:
    heard: list[str] = []
    scene = Scene()
    scene.desk.on_sound = heard.append
    for raw in (NEW, NEW, "!!", "#CMD#CHANNEL,2#"):
        scene.desk.scan(raw)
    assert heard == ["accepted", "attention", "attention", "accepted"]


def test_a_number_like_a_products_is_asked_about_and_a_battery_that_was_tested_is_not() -> None:
    scene = Scene(count=1)
    scene.desk.scan("6901234567892")
    assert scene.said == "prompt.goods"
    scene.desk.start()
    assert scene.said == "refuse.answer_goods"
    assert "start" not in scene.kinds()
    scene.desk.yes()
    assert scene.said == "prompt.ready"
    scene.desk.no()
    scene.desk.scan("6901234567891")  # no product's check digit
    assert scene.said == "prompt.ready"
    scene.desk.no()
    scene.known = {"runs": [{"verdict": "no_verdict", "started_utc": "2026-11-20T08:00:00Z"}]}
    scene.desk.scan("6901234567892")
    assert scene.said == "prompt.ready"


def test_before_the_service_has_answered_the_operator_is_asked_to_wait() -> None:
    mirror = Mirror(lambda: 100.0, lambda: 100.0)
    desk = Desk(mirror, lambda _: None, lambda: 100.0)
    for scan in (NEW, "#CMD#CHANNEL,1#", "#CMD#PROFILE,rapid#"):
        desk.scan(scan)
        assert desk.prompt().key == "refuse.connecting"
