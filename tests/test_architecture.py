"""The shape of the house: what may import what, how large a room may grow, what the linters say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "game_server").rglob("*.py"))
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
LARGER_FILES = {
    "game_server/wire/outbound.py",     # a closed vocabulary, which is one list
    "game_server/rooms/live.py",        # by a handful of lines: the room itself
}
LONGER_FUNCTIONS = {        # the first are one match each, which reads like a table of contents
    "game_server/core/decide.py:decide",
    "game_server/core/evolve.py:evolve",
    "game_server/wire/frames.py:event_frame",
    "game_server/http/serving.py:make_server",      # one call, with every setting of the server below us
    "game_server/core/advance.py:_played",          # one loop over what a board is, in local names: that is its speed
}


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_layers():
    run("importlinter.cli")


def test_ruff_finds_nothing():
    run("ruff", "check", ".")


def test_types():
    run("mypy")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_or_function_outgrows_its_room(path):
    name, text = str(path.relative_to(ROOT)), path.read_text("utf-8")
    assert text.count("\n") <= MAX_FILE_LINES or name in LARGER_FILES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES or f"{name}:{node.name}" in LONGER_FUNCTIONS, (node.name, length)


def test_the_top_level_holds_nothing_else():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    allowed = {"pyproject.toml", "game_server", "web_client", "tests", "README.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} <= allowed


@pytest.mark.parametrize(
    "library", ["chess.engine", "prometheus_client", "pydantic.v1.main", "segno", "websockets.asyncio.client"]
)
def test_a_start_does_not_wait_for_what_nobody_has_asked_for_yet(library):
    loaded = "import sys, game_server.command_line; sys.exit(sys.argv[1] in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded, library], cwd=ROOT, timeout=60)
    assert done.returncode == 0


def test_a_start_does_not_build_models_of_openapi_documents():
    built = "import sys, game_server.command_line, fastapi.openapi.models as m; sys.exit(m.Info.__pydantic_complete__)"
    assert subprocess.run([sys.executable, "-c", built], cwd=ROOT, timeout=60).returncode == 0
