"""``station training``: the course on a simulated bench; the window shows the mission while it goes on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

app = typer.Typer(no_args_is_help=True, help="The course on a simulated bench.", rich_markup_mode=None)


@app.command("list")
def missions(bench: BenchOption = "demo", data: DataOption = None, json: JsonOption = False) -> None:
    """The missions, in the order of the course."""
    found = _client(bench, data).missions()
    if json:
        print_json({"missions": found})
        return
    for one in found:
        say(f"{one['name']:20} channel {one['channel']}  {one['title'][language()]}")


@app.command("start")
def start(
    mission: Annotated[str, typer.Argument(help="Its name, as listed.")],
    trainee: Annotated[str, typer.Option("--trainee", help="Name on the result sheet.")],
    bench: BenchOption = "demo",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Set the bench up for a mission and begin it."""
    _show(_client(bench, data).start(trainee, mission), json)


@app.command("status")
def status(bench: BenchOption = "demo", data: DataOption = None, json: JsonOption = False) -> None:
    """The mission that goes on, and its present step."""
    _show(_client(bench, data).status(), json)


@app.command("answer")
def answer(
    choice: Annotated[str, typer.Argument(help="The choice's id, as shown.")],
    bench: BenchOption = "demo",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Answer the present question; the first answer counts."""
    _show(_client(bench, data).say("answer", choice), json)


@app.command("mended")
def mended(bench: BenchOption = "demo", data: DataOption = None, json: JsonOption = False) -> None:
    """The cause is removed at the bench."""
    _show(_client(bench, data).say("mended"), json)


@app.command("estop")
def estop(bench: BenchOption = "demo", data: DataOption = None, json: JsonOption = False) -> None:
    """Press the simulated bench's emergency stop, where the mission is about it."""
    _show(_client(bench, data).say("estop"), json)


@app.command("end")
def end(bench: BenchOption = "demo", data: DataOption = None, json: JsonOption = False) -> None:
    """Leave the mission and put the bench back."""
    _show(_client(bench, data).end(), json)


@app.command("sheet")
def sheet(
    trainee: Annotated[str, typer.Argument(help="Name; left out: who has one.")] = "",
    bench: BenchOption = "demo",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """A trainee's result sheet."""
    client = _client(bench, data)
    if not trainee:
        names = client.trainees()
        if json:
            print_json({"trainees": names})
        else:
            say("\n".join(names))
        return
    found = client.sheet(trainee, language())
    if json:
        print_json(found)
        return
    page = found["page"]
    say(f"{page['trainee']}  {'passed' if page['passed'] else 'open'}")
    for row in page["rows"]:
        took = "" if row["took_s"] is None else f"{row['took_s']:.0f} s"
        say(f"{row['title']:24} {row['outcome']:10} {row['attempts']:2}  {row['date']:10} {took}")
        for mistake in row["mistakes"]:
            say(f"    {mistake}")


def _client(bench: str, data: Any) -> Any:
    from station.service.launcher import ensure_service
    from station.service.training_client import TrainingClient

    return TrainingClient(ensure_service(bench, data_folder(data)))


def _show(status: dict[str, Any], json: bool) -> None:
    if json:
        print_json(status)
        return
    lang = language()
    if status["mission"] is None:
        say("no mission")
        return
    say(f"{status['title'][lang]}  ({status['trainee']}, step {status['number']} of {status['of']})")
    if status["why"]:
        say(f"  {status['why'][lang]}")
    step = status["step"]
    if step is None:
        say("passed" if status["passed"] else "done, with mistakes")
        say(f"  {status['notice'][lang]}")
    else:
        if status["number"] == 1:
            say(f"  {status['story'][lang]}")
        say(f"→ {step['text'][lang]}")
        if step["question"]:
            say(f"  {step['question']['text'][lang]}")
            for choice in step["question"]["choices"]:
                say(f"    {choice['id']:14} {choice['text'][lang]}")
    for mistake in status["mistakes"]:
        say(f"! {mistake[lang]}")
