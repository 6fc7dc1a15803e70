"""``station pause | resume | skip | answer | stop | close``: what a person asks of tests, running or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import print_json, progress_done, say

if TYPE_CHECKING:
    from station.service.client import ServiceClient

ChannelArgument = Annotated[str, typer.Argument(help="Channel of the bench.")]


def pause(
    channel: ChannelArgument, bench: BenchOption, data: DataOption = None, json: JsonOption = False
) -> int:
    """Pause a test at the next place where that is possible; its output is off until it goes on."""
    return _ask(bench, data, lambda client: client.pause(channel), channel, "pause", json)


def skip(
    channel: ChannelArgument, bench: BenchOption, data: DataOption = None, json: JsonOption = False
) -> int:
    """Leave out the rest of the present step."""
    return _ask(bench, data, lambda client: client.skip(channel), channel, "skip", json)


def answer(
    channel: ChannelArgument,
    bench: BenchOption,
    value: Annotated[float | None, typer.Option("--value", help="The number that is asked for.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Answer what a test asks: confirm it, or give the number it wants."""

    def reply(client: ServiceClient) -> None:
        state = client.state()["channels"].get(channel) or {}
        question = state.get("question") or {}
        client.answer(channel, int(question.get("prompt", 0)), value)

    return _ask(bench, data, reply, channel, "answer", json)


def stop(
    bench: BenchOption,
    channel: Annotated[str | None, typer.Argument(help="Channel of the bench.")] = None,
    all_channels: Annotated[bool, typer.Option("--all", help="Every channel of the bench.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="At once: cut by the guard, worker ended. Latches a fault.")
    ] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Stop a test in order; one that does not obey in time is cut by the guard and ended by force.

    This is a controlled stop, not an emergency stop.
    """
    from station.errors import UsageError

    if all_channels == (channel is not None):
        raise UsageError("name one channel, or give --all", remedy="station stop 2, or station stop --all")
    if channel is None:
        return _ask(bench, data, lambda client: client.stop_all(force=force), None, "stop", json)
    return _ask(bench, data, lambda client: client.stop(channel, force=force), channel, "stop", json)


def resume(
    bench: BenchOption,
    channel: Annotated[str | None, typer.Argument(help="Channel of a paused or interrupted test.")] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="An interrupted run, as listed.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="With --run: follow it to its verdict.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Let a paused or an interrupted test go on; all its checks come first."""
    from station.errors import UsageError

    if (channel is None) == (run_id is None) or (wait and run_id is None):
        raise UsageError(
            "name one channel, or one run with --run",
            remedy="station resume 2, or station resume --run RUN_ID [--wait]",
        )
    if run_id is None:
        return _ask(bench, data, lambda client: client.resume(channel or ""), channel, "resume", json)
    with _service(bench, data) as client:
        client.resume_run(run_id)
        if wait:
            return _follow(client, run_id, json)
    if json:
        print_json({"run_id": run_id, "asked": "resume"})
    else:
        say(f"run {run_id}: goes on when its checks have passed")
    return 0


def close(
    run_id: Annotated[str, typer.Argument(help="An interrupted run, as listed.")],
    bench: BenchOption,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """End an interrupted run for good: its data are kept and analysed, there is no verdict."""
    with _service(bench, data) as client:
        client.close_run(run_id)
    if json:
        print_json({"run_id": run_id, "closed": True})
    else:
        say(f"run {run_id}: closed")
    return 0


def _service(bench: str, data: Path | None) -> ServiceClient:
    from station.bench import locate_bench
    from station.service.launcher import ensure_service

    return ensure_service(str(locate_bench(bench)), data_folder(data))


def _follow(client: ServiceClient, run_id: str, json: bool) -> int:
    from station.cli.run import print_result, show_progress
    from station.service.run import follow_run

    try:
        result = follow_run(client, client.run(run_id)["channel"], run_id, show_progress)
    finally:
        progress_done()
    if json:
        print_json(result)
    else:
        print_result(result)
    return int(result.get("exit_code", 70))


def _ask(
    bench: str,
    data: Path | None,
    ask: Callable[[ServiceClient], Any],
    channel: str | None,
    word: str,
    json: bool,
) -> int:
    """Ask the running service; without one nothing runs, and none is started for that."""
    from station.bench import load_bench
    from station.errors import UsageError
    from station.service.launcher import find_service

    client = find_service(data_folder(data), load_bench(bench).name)
    if client is None:
        if word != "stop":
            raise UsageError(
                "no service runs on this bench, so no test does",
                remedy="start a test with: station run",
                code="service.not_running",
            )
        if json:
            print_json({"channel": channel, "asked": word, "service": False})
        else:
            say("no service runs on this bench: there is nothing to stop")
        return 0
    with client:
        ask(client)
    if json:
        print_json({"channel": channel, "asked": word, "service": True})
    else:
        say(f"{'all channels' if channel is None else f'channel {channel}'}: {word} asked")
    return 0
