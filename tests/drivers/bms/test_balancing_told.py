"""Whatever a family tells of balancing becomes one signal; what it does not tell is no zero."""

from __future__ import annotations

import pytest

from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from drivers.bms.layout import Value
from drivers.bms.signals import SignalStore
from drivers.bms.snapshot import snapshot_of
from tests.drivers.bms.test_decoder import meb_cf


@pytest.mark.parametrize(("mode", "on"), [(2, 1.0), (1, 0.0)])
def test_a_mode_says_it(mode: int, on: float) -> None:
    decoder = CanDecoder(load_family("vw-meb"))
    decoder.on_frame(0.0, 0x0CF, False, meb_cf(0, 0.0, 360.0, mode))
    assert snapshot_of(decoder.store, 0.1).signals["balancing_active"].value == on


@pytest.mark.parametrize(
    ("family", "name", "value", "on"),
    [
        ("nissan-leaf", "balancing", "00" * 12, 0.0),
        ("nissan-leaf", "balancing", "00" * 11 + "10", 1.0),
        ("jbd", "balancing_low", 4.0, 1.0),
        ("jk", "balancing_active", 0.0, 0.0),
    ],
)
def test_a_map_or_a_flag_says_it(family: str, name: str, value: float | str, on: float) -> None:
    field = next(field for field in load_family(family).fields() if field.name == name)
    store = SignalStore()
    store.put(1.0, [Value(field, None, value, None if isinstance(value, str) else int(value))])
    assert snapshot_of(store, 2.0).signals["balancing_active"].value == on


def test_a_pack_that_tells_nothing_of_it_is_not_said_to_rest() -> None:
    assert "balancing_active" not in snapshot_of(CanDecoder(load_family("byd-atto3")).store, 0.0).signals
