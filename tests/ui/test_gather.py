"""Blocks of samples joined before they are taken in."""

from __future__ import annotations

from typing import Any

from station.ui.gather import gathered
from station.ui.link import Live, Lost


def block(channel: str, *t: float, **more: Any) -> Live:
    figures = list(t)
    return Live(
        {
            "type": "samples",
            "channel": channel,
            "t": figures,
            "voltage_V": figures,
            "current_A": figures,
            **more,
        }
    )


def state(channel: str) -> Live:
    return Live({"type": "channel", "channel": channel, "state": {}})


def told(items: list[Any]) -> list[Any]:
    return [
        (item.message["channel"], item.message["t"]) if item.message.get("type") == "samples" else item
        for item in items
        if isinstance(item, Live)
    ]


def test_blocks_of_one_channel_become_one_with_the_newest_temperature() -> None:
    items = gathered([block("1", 1, 2, surface_degC=20.0), block("2", 5), block("1", 3, surface_degC=21.0)])
    assert told(items) == [("1", [1, 2, 3]), ("2", [5])]
    first = items[0]
    assert isinstance(first, Live)
    assert first.message["voltage_V"] == first.message["current_A"] == [1, 2, 3]
    assert first.message["surface_degC"] == 21.0


def test_what_else_is_said_of_a_channel_keeps_its_place() -> None:
    news = state("1")
    items = gathered([block("1", 1), block("2", 1), news, block("1", 2), block("2", 2)])
    assert told(items) == [("1", [1]), ("2", [1, 2]), news, ("1", [2])]


def test_what_concerns_all_ends_every_block() -> None:
    every = Live({"type": "state", "channels": {}})
    assert told(gathered([block("1", 1), every, block("1", 2)])) == [("1", [1]), every, ("1", [2])]
    lost = Lost("gone")
    assert gathered([block("1", 1), lost, block("1", 2)])[1] is lost


def test_another_run_is_not_joined() -> None:
    items = gathered([block("1", 1, run_id="a"), block("1", 2, run_id="b"), block("1", 3, run_id="b")])
    assert told(items) == [("1", [1]), ("1", [2, 3])]


def test_a_block_that_cannot_be_read_is_left_as_it_is_and_the_messages_too() -> None:
    odd = Live({"type": "samples", "channel": "1", "t": [2], "voltage_V": [1, 2], "current_A": [1]})
    one = block("1", 1)
    items = gathered([one, odd, block("1", 3), block("1", 4)])
    assert items[1] is odd
    assert told(items)[2] == ("1", [3, 4])
    assert one.message["t"] == [1]
