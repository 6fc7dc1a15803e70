"""The checklist over the wire: who may start, what is on record and reaches the decision, photos, looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from station.bench import Bench
from station.errors import StationError
from station.models.checklist import Answers, judge, load_checklist
from station.records import open_records
from station.service.client import ServiceClient
from station.service.connection import camera
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import request, running_service, until

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def bench() -> Bench:
    """Channel 1 asks all of it, 2 one word, 3 nothing."""
    data = fakes.bench().model_dump(mode="json", by_alias=True)
    for channel, level in zip(data["channels"], ("pack", "cell", "module"), strict=True):
        channel["level"] = level
    data["connection"] = {"cell": "short", "module": "off", "pack": "full", "photos": "camera", "camera": 3}
    return Bench.model_validate(data)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("connection")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(data, bench=bench())) as client:
        yield client


def all_yes(client: ServiceClient, channel: str = "1") -> dict[str, str]:
    return {item["key"]: "yes" for item in client.connection(channel)["items"]}


def refusal(client: ServiceClient, battery: str, channel: str = "1") -> StationError:
    with pytest.raises(StationError) as caught:
        client.start_run(request(battery, channel))
    return caught.value


def events(data: Path, run_id: str, code: str) -> list[dict[str, Any]]:
    with open_records(data) as records:
        return [event["params"] for event in records.run_events(run_id) if event["code"] == code]


def test_a_full_checklist_stands_before_the_start(client: ServiceClient, data: Path) -> None:
    assert refusal(client, "GOOD-1").code == "connection.open"
    said = all_yes(client)
    client.answer_connection("1", "GOOD-1", {**said, "clamp": "no"})
    assert refusal(client, "GOOD-1").params["items"] == ["clamp"]
    form = client.answer_connection("1", "GOOD-1", {**said, "label": "no"}, notes={"label": "torn"})
    assert (form["judged"]["free"], form["judged"]["noted"]) == (True, ["label"])
    assert refusal(client, "GOOD-2").code == "connection.open", "answers are of one battery"
    run_id = run_to_end(client, request("GOOD-1"))["run_id"]
    (told,) = events(data, run_id, "connection.checklist")
    assert (told["answers"]["label"], told["notes"], told["version"]) == ("no", {"label": "torn"}, "1")
    assert told["who"]
    assert told["inspection"]["leak"] == "no"
    assert refusal(client, "GOOD-1").code == "connection.open", "once answered is one test"


def test_a_leak_is_quarantine_without_a_test_and_an_alarm(client: ServiceClient, data: Path) -> None:
    client.answer_connection("1", "GOOD-9", {**all_yes(client), "leak": "no"})
    error = refusal(client, "GOOD-9")
    assert (error.code, error.params["items"]) == ("connection.quarantine", ["leak"])
    (alarm,) = [row for row in client.alarms() if row["code"] == "connection.quarantined"]
    assert alarm["channel"] == "1"
    with open_records(data) as records:
        found = [e for e in records.events() if e["code"] == "connection.quarantined"]
    assert found[-1]["params"]["inspection"]["leak"] == "yes"
    client.acknowledge_alarm(alarm["number"])


def test_short_and_off_are_on_record(client: ServiceClient, data: Path) -> None:
    client.answer_connection("2", "GOOD-5", confirmed=True)
    run_id = run_to_end(client, request("GOOD-5", "2"))["run_id"]
    assert events(data, run_id, "connection.checklist")[0]["confirmed"] is True
    run_id = run_to_end(client, request("GOOD-6", "2"))["run_id"]
    assert events(data, run_id, "connection.not_asked")
    run_id = run_to_end(client, request("GOOD-7", "3"))["run_id"]
    assert events(data, run_id, "connection.off")[0]["level"] == "module"


def test_photos_lie_beside_the_run_with_a_checksum(client: ServiceClient, data: Path) -> None:
    inbox = data / "camera"
    inbox.mkdir()
    (inbox / "front.png").write_bytes(PNG)
    (inbox / "notes.png").write_bytes(b"no picture at all")
    assert {row["name"] for row in client.photos("2")} == {"front.png", "notes.png"}
    with pytest.raises(StationError) as refused:
        client.attach_photo("2", "GOOD-8", str(inbox / "notes.png"))
    assert refused.value.code == "connection.no_photo"
    assert client.attach_photo("2", "GOOD-8", str(inbox / "front.png"))["photos"][0]["name"] == "front.png"
    client.answer_connection("2", "GOOD-8", confirmed=True)
    run_id = run_to_end(client, request("GOOD-8", "2"))["run_id"]
    (photo,) = until(lambda: [f for f in client.run(run_id)["files"] if f["kind"] == "photo"])
    assert Path(photo["path"]).read_bytes() == PNG
    assert photo["check"] == "ok"


class Device:
    """A camera that hands out frames, the last of them right; or none at all."""

    frames: ClassVar[list[bytes]] = []
    released: ClassVar[int] = 0

    def __init__(self, number: int) -> None:
        assert number == 3
        self._left = list(self.frames)

    def isOpened(self) -> bool:
        return bool(self.frames)

    def read(self) -> tuple[bool, bytes | None]:
        return (True, self._left.pop(0)) if self._left else (False, None)

    def release(self) -> None:
        type(self).released += 1


def test_a_camera_that_is_there_takes_the_photo(
    client: ServiceClient, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg = b"\xff\xd8\xff\xe0 settled"
    missing: Any = None
    library: Any = SimpleNamespace(
        VideoCapture=Device, imencode=lambda _kind, frame: (True, SimpleNamespace(tobytes=lambda: frame))
    )
    monkeypatch.setattr(camera, "DEVICES", tmp_path)
    monkeypatch.setitem(sys.modules, "cv2", library)
    assert not [row for row in client.photos("2") if row.get("camera")], "unplugged: nothing is shown"
    (tmp_path / "video3").touch()
    monkeypatch.setitem(sys.modules, "cv2", missing)
    assert not [row for row in client.photos("2") if row.get("camera")], "nothing to read it with"
    monkeypatch.setitem(sys.modules, "cv2", library)
    offer = client.photos("2")[0]
    assert offer["camera"]
    with pytest.raises(StationError) as refused:
        client.attach_photo("2", "GOOD-CAM", offer["path"])
    assert refused.value.code == "connection.camera"
    Device.frames = [b"dark"] * (camera.SETTLE_FRAMES - 1) + [jpeg]
    (photo,) = client.attach_photo("2", "GOOD-CAM", offer["path"])["photos"]
    assert photo["name"].startswith("camera-")
    assert (data / photo["path"]).read_bytes() == jpeg
    Device.frames = [b"dark"]
    with pytest.raises(StationError) as broken:
        client.attach_photo("2", "GOOD-CAM", offer["path"])
    assert broken.value.params["reason"] == "it gives no picture"
    assert Device.released == 3, "the camera is free for others after each"
    with pytest.raises(StationError) as other:
        client.attach_photo("2", "GOOD-CAM", "camera://4")
    assert other.value.code == "connection.no_photo"


def test_a_look_tells_what_hangs_there_and_makes_way_for_a_start(client: ServiceClient) -> None:
    with client.live() as live:
        client.look("2")
        seen = until(lambda: [m for m in live.wait(0.1) if m["type"] == "look"])
        assert (seen[0]["voltage_V"], seen[0]["finding"]["code"]) == (-3.3, "safety.check.polarity")
        client.answer_connection("2", "SLOW-LOOK", confirmed=True)
        client.start_run(request("SLOW-LOOK", "2"))
        with pytest.raises(StationError) as busy:
            client.look("2")
        assert busy.value.code == "station.channel_busy"
        client.stop("2")


def test_every_finding_of_the_shipped_checklist_is_one_of_the_rule_set() -> None:
    from station.models.rulebook import load_rules

    known = {rule.finding for rule in load_rules().safety}
    checklist = load_checklist()
    assert {item.finding for item in checklist.items if item.finding} <= known
    assert all(item.no == "quarantine" for item in checklist.items if item.finding)
    for level in ("cell", "module", "pack"):
        items = checklist.of(level)
        assert judge(items, Answers(confirmed=True)).free
        assert not judge(items, Answers(confirmed=True, answers={"leak": "no"})).free
