"""A scenario file: faults and the moments at which they begin, as YAML or JSON.

```yaml
- channel: 1
  when: {moment: rise, count: 2, after_s: 2.0}
  fault: {name: link_silent, instrument: delta-sm15k}
- channel: 1
  when: {after_s: 30.0}
  fault: {name: temperature_ramp, value: 0.5}
  for_s: 60.0
```

Times are simulated seconds. ``when`` may be left out: now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

MomentName = Literal["now", "output_on", "output_off", "rise", "fall", "cutoff_closed", "cutoff_open"]
_REMEDIES = {
    "extra_forbidden": "remove it or correct its spelling",
    "missing": "add this field",
    "list_type": "a scenario is a list of faults, each with channel, when and fault",
}


class ScenarioError(ValueError):
    """A scenario file that cannot be played: which file, line and field, and what to do."""

    def __init__(self, file: Path | str, line: int, field: str, problem: str, remedy: str) -> None:
        place = f"{file}:{line}" if line else str(file)
        super().__init__(f"{place}: {field + ': ' if field else ''}{problem}; {remedy}")
        self.file, self.line, self.field = str(file), line, field
        self.problem, self.remedy = problem, remedy


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Moment(_Strict):
    """The ``count``-th time that this happens from now on, and ``after_s`` later."""

    moment: MomentName = "now"
    count: int = Field(default=1, ge=1)
    after_s: float = Field(default=0.0, ge=0)


class Chosen(_Strict):
    """Which fault of which instrument; without one the bench finds where it belongs."""

    name: str = Field(min_length=1)
    value: bool | int | float | str = True
    instrument: str | int | None = None


class Step(_Strict):
    """One fault, where, when, and for how long."""

    channel: str = Field(coerce_numbers_to_str=True)
    fault: Chosen
    when: Moment = Moment()
    for_s: float | None = Field(default=None, gt=0)
    label: str | None = None

    def request(self, number: int) -> dict[str, Any]:
        """What the control port's ``arm`` takes; ``number`` names a step without a label."""
        request: dict[str, Any] = {
            "label": self.label or f"step {number}",
            "channel": self.channel,
            "when": self.when.model_dump(),
            "fault": self.fault.model_dump(exclude_none=True),
        }
        return request if self.for_s is None else {**request, "for_s": self.for_s}


_STEPS = TypeAdapter(list[Step])


class Scenario:
    """The steps of one file, and where in it each stands."""

    def __init__(self, path: Path, steps: Sequence[Step], lines: Sequence[int]) -> None:
        self.path, self.steps, self._lines = path, steps, lines

    def requests(self) -> list[dict[str, Any]]:
        """One request for each step, labels made unique by their position."""
        return [step.request(number) for number, step in enumerate(self.steps, 1)]

    def refused(self, index: int, problem: str) -> ScenarioError:
        """The bench refuses the step at ``index`` (from 0): what to tell."""
        remedy = "name a channel, an instrument and a fault that this bench has"
        return ScenarioError(self.path, self._lines[index], f"{index + 1}.fault", problem, remedy)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises ScenarioError."""
    try:
        data = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(path, 0, "", f"cannot be read: {error}", "check the name and the file") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ScenarioError(path, line, "", str(error.problem), "mend the YAML at that place") from error
    except YAMLError as error:
        raise ScenarioError(path, 0, "", str(error), "mend the YAML") from error
    try:
        steps = _STEPS.validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
        remedy = _REMEDIES.get(first["type"], "correct the value")
        raise ScenarioError(path, _line(data, first["loc"]), field, first["msg"], remedy) from error
    return Scenario(path, steps, [_line(data, (index,)) for index in range(len(steps))])


def _line(data: Any, place: Sequence[str | int]) -> int:
    """Line of the innermost part of ``place`` that is there, from 1; 0 when nothing is known."""
    line = 0
    for part in place:
        try:
            line = data.lc.data[part][0] + 1
            data = data[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
