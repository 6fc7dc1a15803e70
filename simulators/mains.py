"""Taking the mains from a simulated instrument, and giving it back."""

from __future__ import annotations

import asyncio

from simulators.channel import Server

BOOT_S = 0.5
"""Real seconds that an instrument needs to come back after its mains did."""


async def restart(server: Server, action: str) -> None:
    """``stop``, ``start``, or ``reboot``: both, with the time to boot between them."""
    if action != "start":
        await server.stop()
    if action == "reboot":
        await asyncio.sleep(BOOT_S)
    if action != "stop":
        await server.start()
