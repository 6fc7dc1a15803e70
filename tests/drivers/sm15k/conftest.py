"""An SM15K driver on scripted answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.delta_sm15k import DeltaSM15K
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line
from tests.drivers.sm15k.values import PROTECTION
from tests.drivers.sm15k_script import ScriptedSM15K


@pytest.fixture
def unit() -> Iterator[ScriptedSM15K]:
    script = ScriptedSM15K()
    yield script
    script.server.close()


@pytest.fixture
def port(unit: ScriptedSM15K) -> Iterator[DeltaSM15K]:
    device = DeltaSM15K(open_line(unit.server.address, LineOptions(timeout_s=0.5)))
    yield device
    device.close()


@pytest.fixture
def prepared(unit: ScriptedSM15K, port: DeltaSM15K) -> DeltaSM15K:
    port.prepare(PROTECTION)
    unit.server.clear()
    return port
