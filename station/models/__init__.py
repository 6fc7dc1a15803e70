"""Learned estimators: stored as plain arrays, checked when loaded, learned again by ``station learn``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from station.diagnosis.soh.model import ModelSet
from station.models.store import load_models

__all__ = ["ModelSet", "load_default", "load_models"]

DEFAULT_FOLDER = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def load_default() -> ModelSet:
    """The models that come with the station. Raises DataError when their files are missing or damaged."""
    return load_models(DEFAULT_FOLDER)
