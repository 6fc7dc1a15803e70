#!/usr/bin/env python3
"""Sets the project up and runs it. Standard library only; works on a machine with nothing but Python.

python3 run.py demo [--headless] [--speed 20] …   the main job on a simulated bench
python3 run.py test [--deep] [pytest arguments]   every check and test; --deep repeats more
python3 run.py bench                              the benchmark table
python3 run.py campaign [--runs 300] …            faults x moments x channel kinds, and a report
python3 run.py soak …                             eight hours of bench time, and a report
python3 run.py station …                          the command line, in the project's environment
python3 run.py bundle [--prove] …                 a self-contained folder for this system
python3 run.py wheelhouse [--prove] …             everything for a site without internet
python3 run.py setup                              only install
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# What the Qt wheels load at run time on Debian 12, a virtual display for tests, and Chinese glyphs.
QT_PACKAGES = [
    "libglib2.0-0",
    "libdbus-1-3",
    "libfontconfig1",
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xinerama0",
    "libxkbcommon-x11-0",
    "fonts-wqy-microhei",
]
TEST_PACKAGES = ["xvfb", "xauth", "xdotool", "postgresql", "mosquitto"]


def main() -> int:
    """Dispatch; the exit code is that of the command."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return _fail(f"Python 3.11 to 3.13 is needed; this is {sys.version.split()[0]}")
    command, arguments = (sys.argv[1] if len(sys.argv) > 1 else "help"), sys.argv[2:]
    if command == "demo":
        _set_up(["window", "neware", "site"], QT_PACKAGES, optional_packages="--headless" in arguments)
        return _station("demo", *arguments)
    if command == "station":
        _set_up(["window", "neware", "site"], [], optional_packages=True)
        return _station(*arguments)
    if command == "setup":
        _set_up(["window", "neware", "site", "dev"], QT_PACKAGES + TEST_PACKAGES, optional_packages=True)
        return 0
    if command == "test":
        _set_up(["window", "neware", "site", "dev"], QT_PACKAGES + TEST_PACKAGES, optional_packages=False)
        return _test(arguments)
    if command in {"bench", "campaign", "soak"}:
        module = {"bench": "tests.benchmarks", "campaign": "tests.campaign", "soak": "tests.soak"}[command]
        extras = ["window", "neware", "site", "dev"]
        _set_up(extras, QT_PACKAGES + TEST_PACKAGES, optional_packages=command != "bench")
        return _run([PYTHON, "-m", module, *arguments], at_root=True)
    if command in {"bundle", "wheelhouse"}:
        tools = TEST_PACKAGES if "--prove" in arguments or "--only-prove" in arguments else []
        _set_up(["window", "neware", "site", "plant", "bundle"], QT_PACKAGES + tools, optional_packages=True)
        return _run([PYTHON, "-m", f"delivery.{command}", *arguments], at_root=True)
    print(__doc__)
    return 0 if command in {"help", "--help", "-h"} else 2


def _station(*arguments: str) -> int:
    return _run([PYTHON, "-m", "station.cli.main", *arguments])


def _test(arguments: list[str]) -> int:
    """Every check and test, see ``tests/whole.py``."""
    # Modules are compiled once and not by each of the hundreds of processes that tests start.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return _run([PYTHON, "-m", "tests.whole", *arguments], environment, at_root=True)


def _set_up(extras: list[str], packages: list[str], *, optional_packages: bool) -> None:
    _debian_packages(packages, optional=optional_packages)
    stamp = VENV / "installed.txt"
    wanted = _fingerprint()
    have = stamp.read_text().split("\n") if stamp.exists() else []
    if PYTHON.exists() and have and have[0] == wanted and set(extras) <= set(have[1:]):
        return
    if not PYTHON.exists():
        _say("making the environment .venv")
        _make_venv()
    extras = sorted({*extras, *(have[1:] if have and have[0] == wanted else [])})
    _say(f"installing the libraries ({', '.join(extras)}); the first time this takes a few minutes")
    environment = {
        **os.environ,
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    install = [PYTHON, "-m", "pip", "install", "-qq", "--editable", f"{ROOT}[{','.join(extras)}]"]
    if _run(install, environment) != 0 and _run(install, environment) != 0:
        sys.exit(
            _fail(
                "the libraries could not be installed; see the lines above, check the network and try again"
            )
        )
    stamp.write_text("\n".join([wanted, *extras]))


def _fingerprint() -> str:
    """What the environment depends on; another value means install again."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    if _run([sys.executable, "-m", "venv", VENV], quiet=True) == 0:
        return
    # Debian's own Python comes without the part of venv that installs pip.
    shutil.rmtree(VENV, ignore_errors=True)
    _debian_packages(["python3-venv"], optional=False)
    if _run([sys.executable, "-m", "venv", VENV]) != 0:
        sys.exit(
            _fail("python -m venv does not work here; install the venv part of this Python and try again")
        )


def _debian_packages(packages: list[str], *, optional: bool) -> None:
    """Install what is missing as root on Debian; otherwise print the one command."""
    if not packages or not sys.platform.startswith("linux") or shutil.which("dpkg-query") is None:
        return
    missing = [name for name in packages if not _installed(name)]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        _say(f"installing {len(missing)} Debian packages: {' '.join(missing)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if (
            _run(["apt-get", "update", "-qq"], environment, quiet=True) == 0
            and _run(command, environment, quiet=True) == 0
        ):
            return
        _say("the packages could not be installed")
    print(f"These Debian packages are needed:\n    sudo {' '.join(command)}", file=sys.stderr, flush=True)
    if not optional:
        sys.exit(1)


def _installed(package: str) -> bool:
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True, check=False
    )
    return answer.stdout.endswith(" installed")


def _run(
    command: list[object],
    environment: dict[str, str] | None = None,
    *,
    quiet: bool = False,
    at_root: bool = False,
) -> int:
    try:
        return subprocess.call(
            [str(part) for part in command],
            cwd=ROOT if at_root else None,
            env=environment,
            stdout=subprocess.DEVNULL if quiet else None,
        )
    except KeyboardInterrupt:
        return 130


def _say(text: str) -> None:
    print(f"run.py: {text}", file=sys.stderr, flush=True)


def _fail(text: str) -> int:
    print(f"run.py: {text}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
