#!/bin/sh
# Installs the unpacked bundle for this user; needs no network and no administrator.
# ./install.sh [--bench FILE] [--to DIR] [--data DIR] [--service] [--window] [--remove]
#   --bench    the bench that the desktop entry and the units work on (default: the demo bench)
#   --service  start the bench's service with the session, and again after a crash (systemd)
#   --window   open the window with the graphical session, and again after a crash (systemd)
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
to=$HOME/.local/opt/pulse-station
data=$share/pulse-station
bench= service= window= remove=
while [ $# -gt 0 ]; do
    case $1 in
        --bench) bench=$(CDPATH= cd -- "$(dirname -- "$2")" && pwd)/$(basename -- "$2"); shift ;;
        --to) to=$2; shift ;;
        --data) data=$2; shift ;;
        --service) service=yes ;;
        --window) window=yes ;;
        --remove) remove=yes ;;
        *) echo "unknown option $1" >&2; sed -n '2,7p' "$0" >&2; exit 2 ;;
    esac
    shift
done

manager() { command -v systemctl >/dev/null 2>&1 && systemctl --user "$@"; }

if [ -n "$remove" ]; then
    manager disable --now pulse-station.service pulse-station-window.service 2>/dev/null || true
    rm -f "$units/pulse-station.service" "$units/pulse-station-window.service"
    rm -f "$share/applications/pulse-station.desktop" "$share/icons/hicolor/scalable/apps/pulse-station.svg"
    rm -f "$HOME/.local/bin/station"
    [ -x "$to/station" ] && rm -rf -- "$to"
    echo "removed; records and runs stay in $data"
    exit 0
fi

mkdir -p "$to" "$share/applications" "$share/icons/hicolor/scalable/apps" "$units" "$HOME/.local/bin" "$data"
to=$(CDPATH= cd -- "$to" && pwd)
if [ "$here" != "$to" ]; then
    # A new folder beside the old one, then in its place: programs that still run keep their files.
    rm -rf -- "$to.new"
    cp -a -- "$here" "$to.new"
    rm -rf -- "$to.old"
    mv -- "$to" "$to.old"
    mv -- "$to.new" "$to"
    rm -rf -- "$to.old"
fi
ln -sf -- "$to/station" "$HOME/.local/bin/station"
cp -- "$to/linux/pulse-station.svg" "$share/icons/hicolor/scalable/apps/pulse-station.svg"

# A word for sed's right side; then one for a command line between double quotes.
plain() { printf '%s' "$1" | sed -e 's/[\\&|]/\\&/g'; }
quoted() { plain "$(printf '%s' "$1" | sed -e 's/[\\"`$]/\\&/g' -e 's/%/%%/g')"; }
unit() { plain "$(printf '%s' "$1" | sed -e 's/[\\"]/\\&/g' -e 's/%/%%/g' -e 's/\$/$$/g')"; }
fill() {
    sed -e "s|@TO@|$($3 "$to")|g" -e "s|@BENCH@|$($3 "${bench:-demo}")|g" -e "s|@DATA@|$($3 "$data")|g" "$1" >"$2"
}
fill "$to/linux/pulse-station.desktop.in" "$share/applications/pulse-station.desktop" quoted
fill "$to/linux/pulse-station.service.in" "$units/pulse-station.service" unit
fill "$to/linux/pulse-station-window.service.in" "$units/pulse-station-window.service" unit
if [ -z "$bench" ]; then
    # Without a bench file there is nothing to test on but the simulated one, which brings its own service.
    sed -i -e "s|^Exec=.*|Exec=\"$(quoted "$to/start.sh")\"|" "$share/applications/pulse-station.desktop"
fi
manager daemon-reload || true
for wanted in ${service:+pulse-station.service} ${window:+pulse-station-window.service}; do
    if [ -z "$bench" ]; then echo "--service and --window need --bench" >&2; exit 2; fi
    manager enable --now "$wanted" || { echo "systemd does not take $wanted; see $units" >&2; exit 1; }
done
echo "installed in $to; start it from the desktop's menu, or with $to/start.sh"
