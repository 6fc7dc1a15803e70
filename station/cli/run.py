"""``station run``: one test on one channel, from the first check to the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.intake import (
    AgeOption,
    ClimateOption,
    IntakeOption,
    MadeOnOption,
    MileageOption,
    PrintedOption,
    StorageOption,
    UseOption,
    told,
)
from station.cli.options import BenchOption, DataOption, JsonOption, SpeedOption, data_folder
from station.cli.output import language, note, print_json, progress, progress_done, say


def run(
    profile: Annotated[str, typer.Argument(help="Name of a built-in profile, or a YAML file.")],
    bench: BenchOption,
    channel: Annotated[str, typer.Option("--channel", help="Channel of the bench.")],
    battery: Annotated[str, typer.Option("--battery", help="The battery's code, as scanned.")],
    nominal_capacity: Annotated[
        float | None, typer.Option("--nominal-capacity", help="Ah; remembered for this code.")
    ] = None,
    chemistry: Annotated[str | None, typer.Option("--chemistry", help="LFP, NMC, LMO …, if known.")] = None,
    intake: IntakeOption = None,
    age_years: AgeOption = None,
    made_on: MadeOnOption = None,
    mileage_km: MileageOption = None,
    use: UseOption = None,
    climate: ClimateOption = None,
    storage_years: StorageOption = None,
    printed_capacity: PrintedOption = None,
    speed: SpeedOption = None,
    data: DataOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; touch no instrument.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Test one battery and judge it."""
    from station.bench import ask_simulation, load_bench, locate_bench
    from station.service.client import RunRequest

    loaded = load_bench(bench)
    past = told(
        intake,
        age_years=age_years,
        made_on=made_on,
        mileage_km=mileage_km,
        use=use,
        climate=climate,
        storage_years=storage_years,
        printed_capacity_Ah=printed_capacity,
    )
    request = RunRequest(
        channel=channel,
        profile=profile,
        battery=battery,
        nominal_capacity_Ah=nominal_capacity,
        chemistry=chemistry,
        intake=past,
    )
    if dry_run:
        return _show_plan(bench, request, json)
    if speed is not None:
        ask_simulation(loaded, {"op": "speed", "value": speed})
    result = run_test(str(locate_bench(bench)), data_folder(data), request)
    if json:
        print_json(result)
    else:
        print_result(result)
    return int(result.get("exit_code", 70))


def run_test(bench: str, data: Path, request: Any, *, end_service: bool = False) -> dict[str, Any]:
    """Run ``request`` through the bench's service (started if need be) with a progress line on a terminal.

    ``end_service`` ends it afterwards; otherwise it ends by itself when idle.
    """
    from station.errors import StationError
    from station.service.launcher import ensure_service
    from station.service.run import run_to_end

    client = ensure_service(bench, data)
    try:
        return run_to_end(client, request, show_progress)
    finally:
        progress_done()
        if end_service:
            with suppress(StationError):  # it may be the service's own end that brought us here
                client.shutdown()
        client.close()


def show_progress(state: dict[str, Any]) -> None:
    """One line that replaces itself: state, percent, time left, live values."""
    voltage, current = state.get("voltage_V"), state.get("current_A")
    live = f"{voltage:8.4f} V {current:8.3f} A" if voltage is not None and current is not None else ""
    remaining = state.get("remaining_s")
    left = f"{remaining:5.0f} s left" if remaining is not None else ""
    percent = f"{(state.get('progress') or 0) * 100:3.0f} %"
    _show_adaptive(state)
    progress(f"channel {state.get('channel', '')} {state.get('state', ''):10} {percent} {left} {live}")


_told: dict[str, Any] = {}
"""By channel: what was said of its adaptive step last."""


def _show_adaptive(state: dict[str, Any]) -> None:
    """A line of its own for every decision of an adaptive step: the estimate, and what comes next."""
    told, channel = state.get("adaptive"), str(state.get("channel", ""))
    if not told or _told.get(channel) == told:
        return
    from station.messages import say as translate

    _told[channel] = told
    progress_done()
    note(translate(told["code"], told["params"], language(), fallback=told["code"]).text)


def _show_plan(bench: str, request: Any, as_json: bool) -> int:
    import profiles
    from station.bench import load_bench
    from station.errors import UsageError

    if request.nominal_capacity_Ah is None:
        raise UsageError("a dry run needs the nominal capacity", remedy="give --nominal-capacity AH")
    try:
        limits = load_bench(bench).channel(request.channel).limits
    except KeyError as error:
        raise UsageError(f"no channel {request.channel!r}", remedy="see: station bench check") from error
    plan = profiles.resolve(
        profiles.load(request.profile),
        nominal_capacity_Ah=request.nominal_capacity_Ah,
        limits=profiles.CurrentLimits(limits.charge_current_max_A, limits.discharge_current_max_A),
        file=request.profile,
    )
    if as_json:
        print_json({"plan": plan.as_dict(), "duration_s": plan.duration_s})
        return 0
    at_s = 0.0
    for segment in plan.segments:
        say(
            f"{at_s:9.2f} s  {segment.role.value:16} {segment.current_A:10.3f} A  {segment.duration_s:8.2f} s"
        )
        at_s += segment.duration_s
    for opened in plan.open_steps:
        say(f"{'':11}  adaptive, up to {opened.budget_s:.0f} s: {', '.join(opened.kinds)}")
    say(f"{plan.duration_s:9.2f} s  end")
    return 0


_NO_SOH = {"zh": "未测得 SOH：", "en": "SOH not measured: "}
_COUNTED = {
    "zh": "容量检测：{capacity_Ah:.2f} Ah，{rate_C:.2g}C 放电 {used} 次",
    "en": "by capacity: {capacity_Ah:.2f} Ah, mean of {used} discharges at {rate_C:.2g} C",
}


def verdict_word(result: dict[str, Any], lang: str) -> str:
    """The verdict as window and papers call it; a test that a fault ended has none."""
    from station.messages import word

    verdict = result.get("verdict") or "no_verdict"
    if verdict == "no_verdict" and result.get("error"):
        verdict = "fault"
    return word(verdict, lang).upper()


def _not_measured(result: dict[str, Any], lang: str) -> Iterator[str]:
    """Why there is no SOH or no verdict, and what to do about it, in the reader's language."""
    from station.messages.reasons import reason_of

    reason = reason_of(result)
    if reason is None:
        return
    told = reason.said(lang)
    if result.get("soh"):
        yield told.text  # measured, and still no verdict
        return
    yield f"{_NO_SOH[lang]}{reason.text if lang == 'en' else told.text}"  # its own words have the figures
    if told.remedy and result.get("verdict") != "quarantine":  # nothing more is measured of such a battery
        yield f"  → {told.remedy}"


def print_result(result: dict[str, Any]) -> None:
    """The verdict for people."""
    lang = language()
    grade = f"  {result['grade']}" if result.get("grade") else ""
    say(f"{verdict_word(result, lang)}{grade}")
    soh = result.get("soh")
    if soh:
        low, high = soh["low90"] * 100, soh["high90"] * 100
        say(f"SOH {soh['estimate'] * 100:.1f} %  (90 %: {low:.1f} … {high:.1f} %)")
    counted = result.get("capacity_test")
    if counted:
        say(_COUNTED[lang].format(**counted))
    if result.get("decision"):
        from station.cli.decision_text import brief_lines

        for line in brief_lines(result["decision"], lang):
            say(line)
    if result.get("history"):
        from station.cli.history_text import history_lines

        for line in history_lines(result["history"], lang, brief=True):
            say(line)
    chemistry = result.get("chemistry")
    if chemistry and chemistry.get("label"):
        from station.messages import word

        say(f"{word(chemistry['label'], lang)}  ({chemistry['confidence'] * 100:.0f} %)")
    for block in result.get("blocks", []):
        for pulse in block.get("pulses", []):
            known = {k: v for k, v in pulse["resistance_ohm"].items() if v is not None}
            text = "  ".join(f"R({k} s) {v * 1e3:.3f} mΩ" for k, v in known.items())
            at = f"{pulse['start_s']:8.2f} s {pulse['current_A']:+9.2f} A {pulse['duration_s']:6.2f} s"
            say(f"  {at}  {text}")
    for line in _not_measured(result, lang):
        say(line)
    for file in result.get("files", []):
        say(f"{file['kind']:10} {file['path']}  sha256 {file['sha256'][:16]}…")
    if result.get("run_id"):
        say(f"run        {result['run_id']}")
    error = result.get("error")
    if error:
        from station.messages import say as translate

        told = translate(
            error["code"],
            error.get("params", {}),
            lang,
            fallback=error["message"],
            fallback_remedy=error["remedy"],
        )
        note(f"error [{error['code']}]: {told.text}\n  {error['message']}\n  → {told.remedy}")
