"""``station alarms`` and ``station alarm …``: the bench's alarm list, as the window shows it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

if TYPE_CHECKING:
    from station.service.client import ServiceClient

app = typer.Typer(help="Acknowledge an alarm, or put it aside for a time.", no_args_is_help=True)
NumberArgument = Annotated[int, typer.Argument(help="Of the alarm, as listed.")]
WORDS = {
    "zh": {
        "unacknowledged": "未确认", "acknowledged": "已确认", "returned_unacknowledged": "已恢复未确认",
        "shelved": "已搁置", "shelved_returned": "已搁置（已恢复）", "bench": "台架", "none": "没有报警",
        "cause": "原因", "consequence": "后果", "remedy": "处理", "channel": "通道",
    },
    "en": {
        "unacknowledged": "unacknowledged", "acknowledged": "acknowledged",
        "returned_unacknowledged": "returned, unacknowledged", "shelved": "shelved",
        "shelved_returned": "shelved, returned", "bench": "bench", "none": "no alarms",
        "cause": "cause", "consequence": "consequence", "remedy": "do", "channel": "channel",
    },
}  # fmt: skip


def alarms(bench: BenchOption, data: DataOption = None, json: JsonOption = False) -> int:
    """List what is not normal on this bench, most urgent first; consequences stand under their cause."""
    with _service(bench, data) as client:
        rows = client.alarms()
    if json:
        print_json({"alarms": rows})
        return 0
    words = WORDS[language()]
    if not rows:
        say(words["none"])
    for row in rows:
        if row["root"] is None:
            _print(row, words, "")
            for folded in rows:
                if folded["root"] == row["number"]:
                    _print(folded, words, "   ")
    return 0


@app.command("acknowledge")
def acknowledge(
    bench: BenchOption,
    number: Annotated[int | None, typer.Argument(help="Of the alarm, as listed.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="All alarms of this channel.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Say that you have seen an alarm. A latched fault stays latched: see ``station acknowledge``."""
    from station.errors import UsageError

    if (number is None) == (channel is None):
        raise UsageError(
            "name one alarm, or one channel with --channel",
            remedy="station alarm acknowledge 3, or station alarm acknowledge --channel 1",
        )
    with _service(bench, data) as client:
        by_channel = number is None
        count = client.acknowledge_alarms(channel) if by_channel else client.acknowledge_alarm(number or 0)
    if json:
        print_json({"acknowledged": count})
    else:
        say(f"acknowledged: {count}")
    return 0


@app.command("shelve")
def shelve(
    number: NumberArgument,
    bench: BenchOption,
    minutes: Annotated[float, typer.Option("--minutes", help="1 to 720; then it is back by itself.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; goes on record.")],
    name: Annotated[str, typer.Option("--name", help="Your name in the station.")],
    pin: Annotated[str, typer.Option("--pin", prompt=True, hide_input=True, help="Your PIN.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Put an alarm aside for a time (engineers). It ends nothing: a latched fault stays latched."""
    with _service(bench, data) as client:
        client.login(name=name, pin=pin)
        row = client.shelve_alarm(number, minutes * 60.0, reason)
    if json:
        print_json({"alarm": row})
    else:
        until = time.strftime("%H:%M", time.localtime(row["shelved_until_s"]))
        say(f"alarm {number}: shelved until {until}")
    return 0


def _service(bench: str, data: Path | None) -> ServiceClient:
    from station.bench import locate_bench
    from station.service.launcher import ensure_service

    return ensure_service(str(locate_bench(bench)), data_folder(data))


def _print(row: dict[str, Any], words: dict[str, str], indent: str) -> None:
    told = row["words"][language()]
    at = time.strftime("%m-%d %H:%M:%S", time.localtime(row["raised_s"]))
    where = words["bench"] if row["channel"] is None else f"{words['channel']} {row['channel']}"
    count = f" ×{row['count']}" if row["count"] > 1 else ""
    state = words[row["state"]]
    say(f"{indent}#{row['number']}  P{row['priority']}  {at}  {where}  {state}  {row['code']}{count}")
    say(f"{indent}    {told['text']}")
    if not indent:
        for part in ("cause", "consequence", "remedy"):
            if told[part]:
                say(f"{indent}    {words[part]}: {told[part]}")
