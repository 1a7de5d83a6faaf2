"""What the README says is so."""

import re
import tomllib
from pathlib import Path

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
