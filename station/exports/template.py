"""Templates of what a traceability platform is told: columns by name, where each comes from, and until when.

Those that ship lie in ``station/exports/templates``; a file of the same name in ``DATA/trace`` takes their
place.
Field names are those seen in client programs of platforms, or own ones: none is verified against a platform's
specification, and each template says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from station.errors import DataError, UsageError

SHIPPED = Path(__file__).parent / "templates"
SETTINGS_NAME = "settings.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """One column: ``source`` is a dotted path into the facts, ``value`` a constant."""

    name: str = Field(min_length=1, max_length=60)
    source: str | None = Field(default=None, alias="from")
    value: str | float | int | None = None
    required: bool = False
    choices: dict[str, str] = Field(default_factory=dict, alias="map")
    decimals: Annotated[int | None, Field(ge=0, le=9)] = None

    @model_validator(mode="after")
    def _one_origin(self) -> Column:
        if (self.source is None) == (self.value is None):
            raise ValueError("give one of from and value")
        return self


class Deadline(_Part):
    """Days from the event on; ``basis`` (Chinese: ``basis_zh``) says by which rule and how sure that is."""

    working_days: int = Field(ge=0, le=400)
    basis: str
    basis_zh: str = ""


class Template(_Part):
    """One kind of message. ``evidence_zh``: the same as ``evidence``, for people who read Chinese."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    title: dict[str, str]
    evidence: str = Field(min_length=1)
    evidence_zh: str = ""
    deadline: Deadline | None = None
    needs_run: bool = False
    columns: tuple[Column, ...] = Field(min_length=1)


class Settings(_Part):
    """``DATA/trace/settings.yaml``: who we are, and which days are no working days."""

    site: dict[str, str] = {}
    holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    working_days: dict[str, int] = {}
    """Deadline of a template, where it differs from the template's own."""


def templates(data: Path) -> dict[str, Template]:
    """All templates, own ones over those that ship. Raises DataError (``trace.template``)."""
    found = {}
    for folder in (SHIPPED, data / "trace"):
        for path in sorted(folder.glob("*.yaml")):
            if path.name != SETTINGS_NAME:
                template = _read(path, Template)
                found[template.name] = template
    return found


def in_language(part: Mapping[str, Any], field: str, lang: str) -> str:
    """``evidence`` or ``basis`` of a template as plain data; in Chinese where it is wanted and given."""
    return str((lang == "zh" and part.get(f"{field}_zh")) or part[field])


def find_template(data: Path, name: str) -> Template:
    """Raises UsageError (``trace.no_template``)."""
    known = templates(data)
    if name not in known:
        raise UsageError(
            f"there is no template {name!r}",
            remedy=f"there are: {', '.join(sorted(known))}",
            code="trace.no_template",
            name=name,
        )
    return known[name]


def settings(data: Path) -> Settings:
    """Raises DataError (``trace.template``)."""
    path = data / "trace" / SETTINGS_NAME
    return _read(path, Settings) if path.is_file() else Settings()


def due_on(template: Template, happened: date, known: Settings) -> date | None:
    """The last day on which it may be told."""
    if template.deadline is None:
        return None
    left = known.working_days.get(template.name, template.deadline.working_days)
    day = happened
    while left > 0:
        day += timedelta(days=1)
        working = day.weekday() < 5 and day not in known.holidays
        left -= working or day in known.extra_working_days
    return day


def fill(template: Template, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The row's fields. Raises UsageError (``trace.missing``) naming what must be there and is not known."""
    row: dict[str, Any] = {}
    missing = []
    for column in template.columns:
        value = column.value if column.source is None else _at(facts, column.source)
        if column.choices and value is not None:
            value = column.choices.get(str(value), value)
        if column.decimals is not None and isinstance(value, int | float):
            value = round(float(value), column.decimals)
        if value in (None, "") and column.required:
            missing.append(f"{column.name} ({column.source})")
        row[column.name] = value
    if missing:
        raise UsageError(
            f"{template.name}: not known: {', '.join(missing)}",
            remedy="give what is missing with --set NAME=VALUE, or the site in DATA/trace/settings.yaml",
            code="trace.missing",
            template=template.name,
            missing=", ".join(missing),
        )
    return row


def _at(facts: Any, path: str) -> Any:
    for name in path.split("."):
        facts = facts.get(name) if isinstance(facts, Mapping) else None
    return facts if isinstance(facts, str | int | float) else None


def _read(path: Path, kind: type[Any]) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return kind.model_validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, YAMLError, ValidationError) as error:
        raise DataError(
            f"{path}: {error}",
            remedy="correct the file; what a template holds is told in docs/records.md",
            code="trace.template",
            file=str(path),
            reason=str(error),
        ) from error
