"""Live values by WebSocket: what the service says, passed on as it is."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from station.errors import StationError
from station.gateway.access import Access
from station.gateway.service import Service
from station.service.client import LiveClient

POLL_S = 0.2
REFUSED = 1008
BEHIND = 1013
SEND_S = 10.0
"""A listener that takes nothing for so long is let go."""


def add_live(app: FastAPI, service: Service, access: Access) -> None:
    """Add ``/v1/live``; the token goes into the header, or as a first message ``{"token": …}``."""

    @app.websocket("/v1/live")
    async def live(websocket: WebSocket) -> None:
        given = websocket.headers.get("authorization", "").removeprefix("Bearer ")
        await websocket.accept()
        try:
            if not given:
                first: Any = await asyncio.wait_for(websocket.receive_json(), timeout=5)
                given = str(first.get("token", "")) if isinstance(first, dict) else ""
            access.check(given, websocket.client.host if websocket.client is not None else "?")
        except (StationError, TimeoutError, ValueError, KeyError):
            await websocket.close(REFUSED)
            return
        except WebSocketDisconnect:
            return
        listener = LiveClient(service.address)
        listener.start()
        try:
            await _pass_on(websocket, listener)
        finally:
            await asyncio.to_thread(listener.close)


async def _pass_on(websocket: WebSocket, listener: LiveClient) -> None:
    gone = asyncio.create_task(_until_gone(websocket))
    connection = ""
    try:
        while not gone.done():
            messages = await asyncio.to_thread(listener.wait, POLL_S)
            if listener.connection != connection:
                connection = listener.connection
                messages = [*messages, {"type": "connection", "connection": connection}]
            for message in messages:
                await asyncio.wait_for(websocket.send_json(message), SEND_S)
    except TimeoutError:
        with contextlib.suppress(RuntimeError):
            await websocket.close(BEHIND)
    except (WebSocketDisconnect, RuntimeError):  # it left while we wrote
        pass
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


async def _until_gone(websocket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive_text()
