"""Grade tables from JSON files, checked strictly."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import station.diagnosis.grade
from station.diagnosis.grade.table import GradeStep, GradeTable
from station.errors import DataError

FORMAT = "pulse-station/grades/1"
DEFAULT_FILE = Path(station.diagnosis.grade.__file__).parent / "grades.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(_Strict):
    grade: str = Field(min_length=1)
    soh_min: float = Field(ge=0.0, le=1.5)
    resistance_growth_max: float | None = Field(default=None, ge=0.0)
    history_required: bool = False


class _File(_Strict):
    format: str = Field(pattern=f"^{FORMAT}$")
    version: str = Field(min_length=1)
    source: str = ""
    soh_basis: str = ""
    reuse_soh_min: float
    steps_above_low90: int = 1
    grades: tuple[_Step, ...]


def load_grade_table(path: Path | None = None) -> GradeTable:
    """The default grade table, or one from a file. Raises DataError naming file and field."""
    file = DEFAULT_FILE if path is None else Path(path)
    try:
        content = _File.model_validate_json(file.read_text(encoding="utf-8"))
        steps = tuple(
            GradeStep(step.grade, step.soh_min, step.resistance_growth_max, step.history_required)
            for step in content.grades
        )
        return GradeTable(content.version, steps, content.reuse_soh_min, content.steps_above_low90)
    except OSError as error:
        raise DataError(
            f"{file} cannot be read: {error}", remedy="Check the path.", file=str(file)
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "(whole file)"
        raise DataError(
            f"{file}, field {field}: {first['msg']}",
            remedy="Correct the grade table.",
            file=str(file),
            field=field,
        ) from error
    except ValueError as error:
        raise DataError(f"{file}: {error}", remedy="Correct the grade table.", file=str(file)) from error
