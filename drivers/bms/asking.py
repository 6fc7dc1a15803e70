"""Which replies a live pack is asked for, and when."""

from __future__ import annotations

from drivers.bms.family import Family, Reply

HISTORY_AFTER_S, HISTORY_AGAIN_S = 1.0, 60.0
"""What the pack remembers is asked for so long after the start, and again where it did not answer."""


def first_due(family: Family, now_s: float) -> tuple[dict[str, float], set[str]]:
    """When each reply is due first, by name, and which of them are asked for once only: history."""
    asked = [reply for reply in family.replies if reply.poll and reply.request]
    due = {reply.name: 0.0 for reply in asked if reply.period_s}
    once = {reply.name for reply in asked if reply.group == "history"} - set(due)
    return due | dict.fromkeys(once, now_s + HISTORY_AFTER_S), once


def plan_next(due: dict[str, float], once: set[str], reply: Reply, answered: bool, now_s: float) -> None:
    """After a reply was asked for. What is not answered is asked less often: others wait for their turn."""
    if reply.name in once and answered:
        del due[reply.name]
        return
    period_s = reply.period_s or HISTORY_AGAIN_S
    due[reply.name] = now_s + (period_s if answered else max(5.0, period_s))
