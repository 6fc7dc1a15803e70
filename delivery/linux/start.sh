#!/bin/sh
# Opens the operator window: on the bench file given, or on a simulated demo bench.
# ./start.sh                       the demo, in the window
# ./start.sh BENCH.yaml [options]  the window on a bench; options as of station-window
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
if [ $# -eq 0 ]; then
    exec "$here/station" demo --data "${STATION_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/pulse-station-demo}"
fi
bench=$1
shift
exec "$here/station-window" --bench "$bench" "$@"
