"""What the README says is so."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from game_server.bench.report import written_into
from game_server.bench.sweep import AXES
from game_server.settings import Settings
from tests.core.table import markdown

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_commands_is_the_one_that_is_tested():
    assert markdown() in README


def test_ci_runs_exactly_the_readme_s_test_command():
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[1] == (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]


def test_the_files_it_shows_are_there():
    for path in re.findall(r"!\[.*?\]\((.+?)\)", README):
        assert (ROOT / path).is_file(), path


def test_no_dependency_comes_in_unnoticed():
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.match(r"[a-z_-]+", dependency)[0] for dependency in dependencies}
    reasoned = "fastapi uvicorn websockets httptools uvloop chess pydantic pydantic-settings prometheus_client segno"
    assert names == set(reasoned.split()), "a new dependency needs a reason: here, and in Decisions"


def test_nor_one_of_what_only_several_workers_need():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert {re.match(r"[a-z-]+", dependency)[0] for dependency in extras["cluster"]} == {"psycopg", "redis"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_systemd_unit_is_one(tmp_path):
    (unit,) = re.findall(r"^```ini\n(.+?)^```", README, re.MULTILINE | re.DOTALL)
    path = tmp_path / "tabiya.service"
    path.write_text(unit.replace("/opt/tabiya/bin/tabiya", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_and_variable_it_names_is_there():
    names = {name.lower() for name in re.findall(r"TABIYA_([A-Z_]+[A-Z])", README)}
    assert names - set(Settings.model_fields) == {"token"}      # that of `tabiya bot`


PLACES = (ROOT / "game_server", ROOT, ROOT / "web_client" / "src")      # below which the lessons' paths are


def lessons() -> list[tuple[str, str]]:
    """What a tutorial teaches, and where the README says that it lives here."""
    table = README.partition("\n| you learned |")[2].partition("\n\n")[0].splitlines()[2:]
    return [(cells[0], cells[1]) for cells in (line.strip("| ").split(" | ") for line in table)]


def names_of(source: Path) -> set[str]:
    """What is defined at the top level of a file, and in its classes (`Room.leave`)."""
    text = source.read_text("utf-8")
    if source.suffix == ".ts":
        return set(re.findall(r"^(?:export )?(?:async )?(?:function|const|class|interface) (\w+)", text, re.MULTILINE))
    found = set()
    for node in ast.parse(text).body:
        found |= defined(node)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for inner in node.body for name in defined(inner)}
    return found


def defined(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return {node.name}
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return {target.id for target in targets if isinstance(target, ast.Name)}
    return set()


def test_every_lesson_of_a_tutorial_is_somewhere_here():
    where = [place for _, place in lessons()]
    assert len(where) == 14
    for place in where:
        files = re.findall(r"`([\w/]+\.(?:py|ts))`: (`[\w.]+`(?:, `[\w.]+`)*)", place)
        assert "; ".join(f"`{path}`: {names}" for path, names in files) == place
        for path, names in files:
            (source,) = [below / path for below in PLACES if (below / path).is_file()]
            assert set(re.findall(r"[\w.]+", names)) <= names_of(source), path


def test_the_bench_finds_the_places_of_its_tables_and_has_filled_them():
    marks = ["compare-feeds", *(f"sweep: {axis}" for axis in AXES)]
    for mark in marks:
        assert written_into(README, f"tabiya bench --{mark}", "| a |") != README
        assert f"<!-- tabiya bench --{mark} -->\n| " in README


def test_its_pictures_are_small_and_are_not_part_of_the_page():
    pictures = sorted((ROOT / "web_client" / "plots").iterdir())
    assert {picture.stem for picture in pictures} == {"feeds", *AXES}
    assert all(picture.stat().st_size < 60_000 for picture in pictures)
    assert not any("plots" in path.name for path in (ROOT / "web_client" / "dist").rglob("*"))
