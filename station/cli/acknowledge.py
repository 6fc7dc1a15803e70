"""``station acknowledge``: a person has seen a channel's fault or verdict."""

from __future__ import annotations

from typing import Annotated

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import print_json, say


def acknowledge(
    channel: Annotated[str, typer.Argument(help="Channel of the bench.")],
    bench: BenchOption,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Acknowledge a channel's latched fault, so that the next test may start."""
    from station.bench import locate_bench
    from station.service.launcher import ensure_service

    with ensure_service(str(locate_bench(bench)), data_folder(data)) as client:
        client.acknowledge(channel)
    if json:
        print_json({"channel": channel, "acknowledged": True})
    else:
        say(f"channel {channel}: acknowledged")
    return 0
