"""Learning: from a labelled pulse table to model files and a model card. Nothing here is needed to
diagnose."""

from station.models.training.learn import learn

__all__ = ["learn"]
