"""What the README says is so."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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
