"""The models that judge here: a person's choice, else those that ship."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from station.diagnosis.soh.model import ModelSet
from station.models.adoption import Adoptions, adoption_folder
from station.models.store import load_models

DEFAULT_FOLDER = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def load_default() -> ModelSet:
    """The models that come with the station. Raises DataError when their files are missing or damaged."""
    return load_models(DEFAULT_FOLDER)


def adoptions_in(data: Path) -> Adoptions:
    """The adopted models of a data folder."""
    return Adoptions(data / "models", DEFAULT_FOLDER)


def load_in_use() -> ModelSet:
    """The models a person has put into use here, else those that come with the station. Raises DataError."""
    folder = adoption_folder()
    return load_default() if folder is None else Adoptions(folder, DEFAULT_FOLDER).load()
