"""The service's label printers: printed after a verdict, reprinted, and never in the way of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.bench import Bench
from station.errors import StationError
from station.service.client import ServiceClient
from tests.drivers.printer_rig import Rig, printer_rig
from tests.station.service.fakes import bench, config
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with printer_rig("zpl-printer") as made:
        yield made


@pytest.fixture(scope="module")
def client(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceClient]:
    data = bench().model_dump(mode="json", by_alias=True)
    data["printers"] = [
        {
            "id": "labels",
            "driver": "zpl-printer",
            "address": rig.address,
            "options": {"answer_s": 0.5},
            "automatic": ["pass", "fail", "quarantine", "no_verdict"],
            "channels": ["1", "2"],
        }
    ]
    folder: Path = tmp_path_factory.mktemp("papers")
    with running_service(config(folder, bench=Bench.model_validate(data))) as made:
        yield made


def codes_of(client: ServiceClient, run_id: str) -> list[str]:
    return [event["code"] for event in client.run(run_id)["events"]]


def judged(client: ServiceClient, battery: str, channel: str) -> str:
    run_id = client.start_run(request(battery, channel))
    channel_in(client, channel, "verdict")
    return run_id


def test_a_verdict_prints_its_label_and_a_person_may_print_it_again(client: ServiceClient, rig: Rig) -> None:
    run_id = judged(client, "LABEL-1", "1")
    until(lambda: "paper.printed" in codes_of(client, run_id))
    assert rig.printer.labels == 1
    assert client.label_png(run_id).startswith(b"\x89PNG")
    again = client.print_label(channel="1")
    assert (again["run_id"], again["copy"]) == (run_id, 2)
    assert rig.printer.labels == 2
    assert client.printers()[0]["state"] == "ready"


def test_a_printer_without_paper_leaves_the_verdict_alone(client: ServiceClient, rig: Rig) -> None:
    rig.fault("paper_out")
    before = rig.printer.labels
    run_id = judged(client, "LABEL-2", "2")
    until(lambda: "paper.print_failed" in codes_of(client, run_id))
    assert client.state()["channels"]["2"]["fault"] is None
    assert until(lambda: client.run(run_id)["outcome"]) == "completed"
    assert client.printers()[0]["state"] == "paper_out"
    with pytest.raises(StationError) as caught:
        client.print_label(run_id=run_id)
    assert caught.value.code == "paper.print_failed"
    assert caught.value.params["state"] == "paper_out"
    rig.fault("paper_out", None)
    assert rig.printer.labels == before
    assert client.print_label(run_id=run_id)["copy"] == 1


def test_a_label_of_which_nobody_knows_is_told_and_not_sent_again(client: ServiceClient, rig: Rig) -> None:
    rig.fault("paper_out_at_next")
    before = rig.printer.labels
    with pytest.raises(StationError) as caught:
        client.own_id()
    assert caught.value.code == "paper.print_uncertain"
    rig.fault("paper_out", None)
    assert rig.printer.labels == before + 1


def test_a_battery_without_a_code_gets_one(client: ServiceClient, rig: Rig) -> None:
    before = rig.printer.labels
    made = client.own_id(channel="1")
    assert made["code"].startswith("PS-")
    assert rig.printer.labels == before + 1


def test_a_channel_without_a_printer_says_so(client: ServiceClient) -> None:
    with pytest.raises(StationError) as caught:
        client.own_id(channel="3")
    assert caught.value.code == "paper.no_printer"
    with pytest.raises(StationError) as caught:
        client.print_label(channel="3")
    assert caught.value.code == "paper.no_run"
