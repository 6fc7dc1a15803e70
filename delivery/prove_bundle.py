"""Runs the packed bundle where nothing of the project is: headless, and with its window."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from delivery.away import away, bare_environment, family, from_the_system, reaches_back, screen, wait_for
from delivery.places import DIST, megabytes, size_bytes
from delivery.prove_parts import prove_parts, prove_servers
from delivery.prove_unit import prove_unit

VERDICTS = (0, 1, 3)
"""Exit codes of a test that came to its end: pass, fail, no verdict."""
GRAB = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
sys.exit(0 if app.primaryScreen().grabWindow(0).save(sys.argv[1]) else 1)
"""


def prove(archive: Path, pictures: Path | None) -> int:
    """Unpack ``archive`` and run it. Prints what was found, keeps it as JSON; 0 when all held."""
    found: dict[str, Any] = {}
    with away() as place:
        began = time.monotonic()
        with tarfile.open(archive) as stream:
            stream.extractall(place, filter="tar")
        bundle = place / "pulse-station"
        found["unpack_s"] = round(time.monotonic() - began, 1)
        found["archive"] = megabytes(archive.stat().st_size)
        found["folder"] = megabytes(size_bytes(bundle))
        environment = bare_environment(place / "家 目录")
        found["help_s"] = _timed([bundle / "station", "--help"], place, environment)
        found["headless"] = _headless(bundle, place, environment)
        found["window"] = _window(bundle, place, environment, pictures)
        found["installed"] = _installed(bundle, place)
        found["parts"] = prove_parts(bundle, place)
        found["unit"] = prove_unit(bundle, place)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    DIST.mkdir(exist_ok=True)
    (DIST / "proof-bundle.json").write_text(json.dumps(found, ensure_ascii=False, indent=2), encoding="utf-8")
    wrong = [name for name in ("headless", "window") if found[name]["reaches_back"]]
    if wrong:
        print(f"NOT self-contained: {wrong}", file=sys.stderr)
    return 1 if wrong else 0


def _timed(command: list[Path | str], place: Path, environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(
        [str(part) for part in command], cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return round(time.monotonic() - began, 2)


def _headless(bundle: Path, place: Path, environment: dict[str, str]) -> dict[str, Any]:
    began = time.monotonic()
    process = subprocess.Popen(
        [str(bundle / "station"), "demo", "--headless", "--speed", "5", "--json",
         "--data", str(place / "数据 1")],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )  # fmt: skip
    wait_for(
        lambda: process.poll() is not None or "station.engine.worker" in _programs(process.pid, environment),
        "a worker",
        300,
    )
    back = reaches_back(family(process.pid, environment), allowed=place)
    programs = _programs(process.pid, environment)
    out, _ = process.communicate(timeout=600)
    if process.returncode not in VERDICTS:
        raise RuntimeError(f"the demo ended with {process.returncode}: {out[-2000:]}")
    result = json.loads(out)
    return {
        "exit_code": process.returncode,
        "verdict": result.get("verdict"),
        "soh": result.get("soh"),
        "took_s": round(time.monotonic() - began, 1),
        "programs_seen": programs,
        "reaches_back": back,
    }


def _programs(pid: int, environment: dict[str, str]) -> list[str]:
    """The station's programs among the living processes."""
    words: list[str] = []
    for process in family(pid, environment):
        with suppress(psutil.Error):  # it has ended in this moment
            words += process.cmdline()
    return sorted({word for word in words if word.startswith(("station.", "simulators"))})


def _window(bundle: Path, place: Path, environment: dict[str, str], pictures: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    folder = pictures or DIST
    folder.mkdir(parents=True, exist_ok=True)
    with screen() as display:
        environment = {**environment, "DISPLAY": display, "STATION_LANG": "zh"}
        began = time.monotonic()
        process = subprocess.Popen(
            [str(bundle / "station"), "demo", "--speed", "3", "--data", str(place / "数据 2")],
            cwd=place, env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(lambda: _windows(display), "the window appears", 300)
            found["demo_to_window_s"] = round(time.monotonic() - began, 2)
            (bench,) = wait_for(lambda: list((place / "数据 2").glob("demo-bench-*.yaml")), "bench file", 60)
            station = [str(bundle / "station")]
            where = ["--bench", str(bench), "--data", str(place / "数据 2"), "--json"]
            wait_for(lambda: "station.service" in _programs(process.pid, environment), "the service", 300)
            # A test, seen by the window that already follows the same service.
            run = subprocess.Popen(
                [*station, "run", "screen", "--channel", "1", "--battery", "B-0001", *where,
                 "--nominal-capacity", "35"],
                cwd=place, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            )  # fmt: skip
            wait_for(
                lambda: (
                    run.poll() is not None or "station.engine.worker" in _programs(process.pid, environment)
                ),
                "a worker",
                300,
            )
            found["programs_seen"] = _programs(process.pid, environment)
            found["reaches_back"] = reaches_back(family(process.pid, environment), allowed=place)
            found["system_libraries"] = from_the_system(family(process.pid, environment), allowed=place)
            out, _ = run.communicate(timeout=480)
            found["exit_code"] = run.returncode
            if run.returncode not in VERDICTS:
                raise RuntimeError(f"the test ended with {run.returncode}: {out[-2000:]}")
            found["verdict"] = json.loads(out).get("verdict")
            found["servers"] = prove_servers(bundle, place, environment, where[:-1])
            time.sleep(1.5)  # the page moves on ten times a second
            _grab(display, folder / "bundle-window-zh.png")
        finally:
            process.terminate()
            process.wait(30)
    found["picture"] = str(folder / "bundle-window-zh.png")
    return found


def _windows(display: str) -> str:
    done = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", "脉冲|检测|Pulse|演示"],
        env={"DISPLAY": display, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def _grab(display: str, target: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", GRAB, str(target)],
        env={"DISPLAY": display, "PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"},
        check=True,
    )


def _installed(bundle: Path, place: Path) -> dict[str, Any]:
    """The install script in a home of its own: what it wrote, whether the installed program runs."""
    environment = bare_environment(place / "用户 家")
    bench = place / "台 架 $1 100%.yaml"
    bench.write_text("", encoding="utf-8")
    home = place / "用户 家"
    subprocess.run(
        [str(bundle / "install.sh"), "--bench", str(bench)], cwd=place, env=environment, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    entry = home / ".local/share/applications/pulse-station.desktop"
    unit = home / ".config/systemd/user/pulse-station.service"
    help_s = _timed([home / ".local/bin/station", "--help"], place, environment)
    lines = [
        line for file in (entry, unit) for line in file.read_text("utf-8").splitlines() if "Exec" in line
    ]
    remover = home / ".local/opt/pulse-station/install.sh"
    subprocess.run([str(remover), "--remove"], env=environment, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    left = [str(item.relative_to(home)) for item in home.rglob("*") if item.is_file()]
    return {"help_s": help_s, "lines": lines, "left_after_removal": left}
