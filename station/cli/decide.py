"""``station decide``, ``explain``, ``replay``: a decision by a rule set, its reasons, its proof."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import language, note, print_json, say

Source = Annotated[str, typer.Argument(help="Run on record, or a file with a result or a decision.")]


def decide(
    source: Annotated[
        str | None, typer.Argument(help="Run on record, or a result file; none with --facts alone.")
    ] = None,
    facts: Annotated[Path | None, typer.Option("--facts", help="YAML: what else is known.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="Rule set [default: in use].")] = None,
    prices: Annotated[
        str | None, typer.Option("--prices", help="Price table [default: in use], or `example` (nobody's).")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the decision here.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep it with the run on record.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Verdict, grade, second-life uses, dismantling depth and residual value by a rule set."""
    from station.cli.decision_source import read_result
    from station.diagnosis.decision import decide as decide_facts
    from station.errors import UsageError
    from station.models.rulebook import RuleShelf, load_known_facts, load_prices, load_rules
    from station.reports.decision import facts_alone, facts_of, today
    from station.reports.exit_codes import exit_code_of

    if source is None and (facts is None or save):
        raise UsageError(
            "there is nothing to decide on",
            remedy="name a run or a result file; without one give --facts, and no --save",
            code="usage.request",
        )
    known = load_known_facts(facts) if facts else None
    shelf = RuleShelf(data_folder(data) / "rules")
    rule_set = load_rules(rules) if rules else shelf.rules()
    past = None
    if source is not None:
        result = read_result(source, data_folder(data))
        judged = facts_of(result, known, rules=rule_set)
        past = (result.get("decision") or {}).get("history")
    else:
        assert known is not None
        judged = facts_alone(known)
    table = load_prices(prices) if prices else shelf.prices()
    decision = decide_facts(judged, rule_set, table, decided_on=today())
    if past is not None:  # the SOH that was decided on holds it
        decision["history"] = past
    if output is not None:
        _write(output, decision)
    if save and source is not None:
        _save(source, data_folder(data), decision)
    if json:
        print_json(decision)
    else:
        _print(decision)
    return exit_code_of(decision["outcome"])


def explain(source: Source, data: DataOption = None, json: JsonOption = False) -> int:
    """Why a decision is as it is: every applied rule with value, limit, source and evidence."""
    from station.cli.decision_source import read_decision
    from station.reports.explain import explain as explain_decision

    decision = read_decision(source, data_folder(data))
    try:
        lines = explain_decision(decision, language())
        if json:
            heads = {key: decision["rules"][key] for key in ("name", "version", "sha256")}
            verdict = {key: decision["outcome"][key] for key in ("verdict", "grade", "best", "worst")}
            past = decision.get("history")
            print_json(
                {
                    **verdict,
                    "rules": heads,
                    "decided_on": decision["decided_on"],
                    "lines": lines,
                    "history": past and past["outcome"],
                }
            )
        else:
            _print(decision)
            _print_history(decision)
            _print_lines(lines)
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(source, str(error)) from error
    return 0


def replay(source: Source, data: DataOption = None, json: JsonOption = False) -> int:
    """Decide again from the stored inputs and rule set alone, and prove that the result is the same."""
    from pydantic import ValidationError

    from station.cli.decision_source import read_decision
    from station.diagnosis.decision import replay as replay_decision
    from station.errors import DataError
    from station.reports.history import history_problems

    decision = read_decision(source, data_folder(data))
    try:
        problems = [*replay_decision(decision).problems, *history_problems(decision)]
    except ValidationError as error:
        raise _damaged(source, error.errors()[0]["msg"]) from error
    except (ValueError, AttributeError) as error:
        raise _damaged(source, str(error)) from error
    if problems:
        parts = ", ".join(f"{what} {about}" for what, about in problems)
        raise DataError(
            f"{source}: the replay does not give what is stored: {parts}",
            remedy="the record or the program has been changed: do not use this decision",
            code="decision.differs",
            source=source,
            parts=parts,
        )
    outcome = decision["outcome"]
    proved = {
        "same": True,
        "verdict": outcome["verdict"],
        "grade": outcome["grade"],
        "rules_sha256": decision["rules"]["sha256"],
        "outcome_sha256": decision["outcome_sha256"],
        "decided_on": decision["decided_on"],
        "evaluator": decision["evaluator"],
    }
    if json:
        print_json(proved)
    else:
        for key, value in proved.items():
            say(f"{key:16} {value}")
    return 0


def _damaged(source: str, what: str) -> Exception:
    from station.errors import DataError

    return DataError(
        f"{source}: the stored decision is incomplete or was changed: {what}",
        remedy="restore it from a backup, or decide again",
        code="decision.damaged",
        source=source,
    )


def _write(path: Path, decision: dict[str, Any]) -> None:
    from station.errors import DataError

    try:
        path.write_text(json_text.dumps(decision, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error}", remedy="choose another place", file=str(path)
        ) from error


def _save(run_id: str, data: Path, decision: dict[str, Any]) -> None:
    """Beside the run's files, on record with its checksum; earlier ones stay."""
    from station.cli.decision_source import saved_files
    from station.records import open_records

    with open_records(data) as records:
        records.find_run(run_id)
        run_dir = data / "runs" / run_id
        run_dir.mkdir(parents=True, exist_ok=True)
        path = run_dir / f"decision-{len(saved_files(run_dir)) + 1:04}.json"
        _write(path, decision)
        records.add_file(run_id, path, "decision")
        outcome = decision["outcome"]
        records.add_event(
            "decision.made",
            {
                "verdict": outcome["verdict"],
                "grade": outcome["grade"],
                "rules_sha256": decision["rules"]["sha256"],
                "outcome_sha256": decision["outcome_sha256"],
                "file": path.name,
            },
            run_id=run_id,
        )
    note(f"{path}")


def _print(decision: dict[str, Any]) -> None:
    from station.cli.decision_text import decision_lines

    for line in decision_lines(decision, language()):
        say(line)


def _print_history(decision: dict[str, Any]) -> None:
    from station.cli.history_text import history_lines

    if decision.get("history"):
        for line in history_lines(decision["history"]["outcome"], language()):
            say(line)


def _print_lines(lines: list[dict[str, Any]]) -> None:
    from station.cli.decision_text import rule_lines

    for line in rule_lines(lines, language()):
        say(line)
