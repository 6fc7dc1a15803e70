"""The demo bench as a course: missions as data, a referee who watches the service, result sheets."""

from station.training.mission import Mission, load_missions
from station.training.referee import Referee
from station.training.sheet import Sheets

__all__ = ["Mission", "Referee", "Sheets", "load_missions"]
