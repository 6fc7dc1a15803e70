"""``station``: the commands, and how every error becomes a sentence, a remedy and an exit code.

Everything heavy is imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer
from typer.exceptions import TyperException

from station.cli import (
    acknowledge,
    alarms,
    api,
    backup,
    battery,
    bench,
    bms,
    calibration,
    channel,
    decide,
    demo,
    diagnose,
    drivers,
    estimate,
    evidence,
    exports,
    inject,
    learn,
    papers,
    person,
    plant,
    profile,
    profile_approval,
    profile_dry_run,
    profile_exchange,
    profile_meaning,
    records,
    rediagnose,
    rules,
    run,
    simulate,
    site,
    stats,
    trace,
    training,
    ui,
)
from station.cli.output import print_error
from station.errors import ExitCode

# One thread for linear algebra: the matrices are small, and more threads only get in each other's way.
for _library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

app = typer.Typer(
    name="station",
    help="Decides in minutes what a retired electric-vehicle battery is still good for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("acknowledge")(acknowledge.acknowledge)
app.command("alarms")(alarms.alarms)
app.add_typer(alarms.app, name="alarm")
app.command("pause")(channel.pause)
app.command("resume")(channel.resume)
app.command("skip")(channel.skip)
app.command("answer")(channel.answer)
app.command("stop")(channel.stop)
app.command("close")(channel.close)
app.command("diagnose")(diagnose.diagnose)
app.command("estimate")(estimate.estimate)
app.command("simulate")(simulate.simulate)
app.command("inject")(inject.inject)
app.command("ui")(ui.ui)
app.command("demo")(demo.demo)
app.command("decide")(decide.decide)
app.command("explain")(decide.explain)
app.command("replay")(decide.replay)
papers.add_to(app)
app.add_typer(rules.app, name="rules")
for _more in (profile_meaning, profile_approval, profile_dry_run, profile_exchange):
    _more.add_to(profile.app)
app.add_typer(profile.app, name="profile")
app.add_typer(bench.app, name="bench")
app.add_typer(calibration.app, name="calibration")
app.add_typer(records.app, name="records")
app.add_typer(person.app, name="person")
app.add_typer(learn.app, name="learn")
app.add_typer(training.app, name="training")
app.add_typer(drivers.app, name="drivers")
app.add_typer(bms.app, name="bms")
app.command("rediagnose")(rediagnose.rediagnose)
app.add_typer(site.app, name="site")
app.add_typer(plant.app, name="plant")
app.add_typer(api.app, name="api")
app.add_typer(stats.app, name="stats")
app.add_typer(battery.app, name="battery")
app.add_typer(trace.app, name="trace")
evidence.add_to(app)
exports.add_to(app)
backup.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.exit(invoke(arguments))


def invoke(arguments: list[str]) -> int:
    """Run one command; every error is said on the way out. Returns the exit code."""
    as_json = "--json" in arguments
    try:
        code = app(arguments, prog_name="station", standalone_mode=False)
    except typer.Exit as leaving:
        return leaving.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except TyperException as error:
        context = getattr(error, "ctx", None)
        hint = context.command_path if context is not None else "station"
        remedy = f"see: {hint} --help"
        print_error("usage.command_line", error.format_message(), remedy, {}, ExitCode.USAGE, as_json)
        return ExitCode.USAGE
    except BrokenPipeError:
        return ExitCode.PASS
    except Exception as error:  # noqa: BLE001 - the last place: whatever it is must become words and a code
        return _explain(error, as_json)
    return code if isinstance(code, int) else ExitCode.PASS


def _explain(error: Exception, as_json: bool) -> int:
    code, exit_code = str(getattr(error, "code", "")), _exit_code(error)
    if exit_code == ExitCode.INTERNAL and not code:
        traceback.print_exception(error, file=sys.stderr)
        code, remedy = "internal", "this is a fault of the program: keep the lines above and report them"
    else:
        remedy = str(getattr(error, "remedy", ""))
    params = getattr(error, "params", {})
    print_error(code, str(error), remedy, params if isinstance(params, dict) else {}, exit_code, as_json)
    return exit_code


def _exit_code(error: Exception) -> int:
    """By the kind of error; each package below names its own errors by a code."""
    own = getattr(error, "exit_code", None)
    if isinstance(own, int):
        return own
    code = str(getattr(error, "code", ""))
    if code.startswith("driver."):
        return ExitCode.INSTRUMENT
    if code.startswith("profile."):
        return ExitCode.USAGE
    return ExitCode.INTERNAL


if __name__ == "__main__":
    main()
