"""Labels: measured capacities of cells in a table that only grows, joined with their pulse tests."""

from station.models.labels.join import join
from station.models.labels.label import Label
from station.models.labels.of_run import label_of_run
from station.models.labels.table import LabelTable, read_labels, write_labels

__all__ = ["Label", "LabelTable", "join", "label_of_run", "read_labels", "write_labels"]
