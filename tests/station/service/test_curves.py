"""A window that comes in the middle gets the whole curve; a recorded run is drawn at any zoom."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.curves import Pyramid, from_message
from station.errors import DataError, UsageError
from station.rawfiles import write_run_parquet
from station.service.client import ServiceClient
from station.service.curves import Curves
from station.service.hub import Hub
from station.service.stored_curves import StoredCurves
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until


def first_two(client: ServiceClient) -> list[dict[str, Any]]:
    """What a client that connects now is told first."""
    with client.live() as live:
        messages: list[dict[str, Any]] = []
        until(lambda: messages.extend(live.messages()) or len(messages) >= 2)
        return messages[:2]


def voltage_of(message: dict[str, Any]) -> Pyramid:
    pyramid = Pyramid()
    from_message(pyramid, message["voltage"])
    return pyramid


def test_who_connects_in_the_middle_gets_the_curve_so_far_and_any_stretch_of_it(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = client.start_run(request("SLOW-1"))
        until(lambda: client.state()["channels"]["1"]["may"]["pause"])

        def all_samples() -> tuple[dict[str, Any], dict[str, Any]] | None:
            """They follow the state by which it may be paused."""
            state, curve = first_two(client)
            come = curve["type"] == "curve" and voltage_of(curve).last_s == 4.9
            return (state, curve) if come else None

        state, curve = until(all_samples)
        assert (state["type"], curve["type"]) == ("state", "curve")
        assert (curve["channel"], curve["run_id"]) == ("1", run_id)
        assert (voltage_of(curve).first_s, voltage_of(curve).last_s) == (0.0, 4.9)
        view = client.run_curve(run_id, begin_s=1.0, end_s=3.0, buckets=10, quantities=["current_A"])
        assert list(view["curves"]) == ["current_A"]
        assert set(view["curves"]["current_A"]["v"]) <= {-1.5, None}
        for wrong in ({"quantities": ["pH"]}, {"begin_s": 9.0, "end_s": 8.0}):
            with pytest.raises(UsageError) as refused:
                client.run_curve(run_id, **wrong)
            assert refused.value.code == "usage.request"
        with pytest.raises(UsageError) as refused:
            client.run_curve("no-such-run")
        assert refused.value.code == "record.no_run"
        client.stop("1")
        channel_in(client, "1", "verdict")


def test_a_run_that_goes_on_in_a_new_service_is_filled_up_from_its_journal(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = client.start_run(request("DIES-1"))
        until(lambda: client.state()["channels"]["1"]["may"]["close"])
    with running_service(fakes.config(tmp_path)) as client:
        client.resume_run(run_id)
        channel_in(client, "1", "verdict")
        _, curve = first_two(client)
        # The journal has one sample a second up to 4 s; of what the worker says again only newer ones count.
        assert len(voltage_of(curve).whole()) == 5 + 9


def test_a_client_that_missed_samples_gets_the_curve_when_it_has_caught_up() -> None:
    curves = Curves()
    curves.begin("1", "run")

    async def scene() -> list[str]:
        hub = Hub(capacity=3, whole=curves.messages)
        subscriber = hub.join(dict)
        for n in range(9):
            curves.add("1", [float(n)], [3.3], [None])
            hub.publish({"type": "samples", "n": n})
        hub.publish({"type": "event", "code": "x"})
        kinds = [json.loads(await subscriber.next() or "{}") for _ in range(4)]
        hub.close()
        assert await subscriber.next() is None
        last = voltage_of(kinds[-1])
        assert (last.first_s, last.last_s) == (0.0, 8.0)
        assert kinds[-1]["current"] is None
        return [kind["type"] for kind in kinds]

    assert asyncio.run(scene()) == ["state", "samples", "event", "curve"]


def test_what_cannot_be_drawn_is_refused_whole() -> None:
    curves = Curves()
    assert curves.begin("1", "run")
    assert not curves.begin("1", "run")
    with pytest.raises(ValueError, match="unequal"):
        curves.add("1", [1.0, 2.0], [3.3], [0.0, 0.0])
    assert curves.messages() == []


def test_a_recorded_run_keeps_dips_and_breaks_where_nothing_was_measured(tmp_path: Path) -> None:
    t = np.concatenate((np.arange(0, 100, 0.01), np.arange(400, 500, 0.01)))
    volts = np.full(len(t), 3.3)
    volts[5_000] = 2.0
    columns = {"Test Time / s": t, "Current / A": np.zeros(len(t)), "Voltage / V": volts}
    write_run_parquet(tmp_path / "run.parquet", columns, {})
    stored = StoredCurves()
    whole = stored.view(tmp_path, ("voltage_V", "surface_degC"), buckets=200)
    assert (whole["begin_s"], whole["end_s"]) == (0.0, pytest.approx(499.99))
    voltage = whole["curves"]["voltage_V"]
    assert min(v for v in voltage["v"] if v is not None) == 2.0
    breaks = [at for at, v in zip(voltage["t"], voltage["v"], strict=True) if v is None]
    assert len(breaks) == 1
    assert 100 <= breaks[0] <= 402
    assert whole["curves"]["surface_degC"]["v"] == []
    near = stored.view(tmp_path, ("voltage_V",), begin_s=49.9, end_s=50.1, buckets=500)
    assert near["curves"]["voltage_V"]["v"].count(2.0) == 4
    with pytest.raises(DataError):
        stored.view(tmp_path / "nothing")
