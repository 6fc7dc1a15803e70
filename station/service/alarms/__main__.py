"""``python -m station.service.alarms``: the table of states for docs/alarms.md."""

import sys

from station.service.alarms.drawing import table

sys.stdout.write(table())
