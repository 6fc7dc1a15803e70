"""Many small blocks of samples as few larger ones: one look at the page takes each channel's in at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from station.ui.backend import Message
from station.ui.link import Item, Live

_LISTS: Final = ("t", "voltage_V", "current_A")


def gathered(items: Iterable[Item]) -> list[Item]:
    """The same items in the same order for each channel, with its blocks between two others joined.

    A block that is not as expected stays alone, so that what it says is told as it is.
    """
    out: list[Item] = []
    open_at: dict[Any, int] = {}
    for item in items:
        message = item.message if isinstance(item, Live) else {}
        channel = message.get("channel")
        if message.get("type") != "samples" or not _plain(message):
            # Of one channel what follows stays behind; what concerns all ends every block.
            if channel is None:
                open_at.clear()
            else:
                open_at.pop(channel, None)
            out.append(item)
            continue
        index = open_at.get(channel)
        known = out[index] if index is not None else None
        if index is not None and isinstance(known, Live) and _same_run(known.message, message):
            out[index] = Live(_joined(known.message, message))
        else:
            open_at[channel] = len(out)
            out.append(item)
    return out


def _plain(message: Message) -> bool:
    lists = [message.get(key) for key in _LISTS]
    return all(isinstance(each, list) and len(each) == len(lists[0] or ()) for each in lists)


def _same_run(one: Message, other: Message) -> bool:
    return one.get("run_id") == other.get("run_id")


def _joined(one: Message, other: Message) -> Message:
    return {**one, **other, **{key: one[key] + other[key] for key in _LISTS}}
