"""Node.js beside the web client: its packages, those for its tests too, and running what they bring."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.system.process import REPOSITORY

CLIENT: Final = REPOSITORY / "web_client"
INSTALL_S: Final = 600
RUN_S: Final = 300


@cache
def installed_npm() -> str:
    """npm, beside a client whose packages are installed."""
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        pytest.skip("needs Node.js and npm on the PATH")
    with (CLIENT / "package.json").open(encoding="utf-8") as package:
        fcntl.flock(package, fcntl.LOCK_EX)     # tests run in several processes, and two installs spoil each other
        named: dict[str, str] = json.load(package)["devDependencies"]
        if not all((CLIENT / "node_modules" / name / "package.json").is_file() for name in named):
            # Not `npm ci`, which would take away what the package's build has put there (hatch_build.py).
            run([found, "install", "--no-save", "--include=dev", "--no-audit", "--no-fund"], timeout_s=INSTALL_S)
    return found


def run(command: list[str], *, folder: Path = CLIENT, stdin: str = "", timeout_s: float = RUN_S) -> str:
    """What the command prints; the test fails if the command does."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHON": sys.executable}
    done = subprocess.run(
        command, cwd=folder, input=stdin, env=environment, timeout=timeout_s, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{' '.join(command[:3])}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
