"""Ctrl-C ends the command promptly, and with it every process that it has started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.system.process import REPOSITORY

PATIENCE_S = 30     # until it has begun
PROMPT_S = 10


def session(leader):
    """The processes of the session, by /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:     # it has just ended
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_nothing_is_left_of_a_model_test_that_was_broken_off(tmp_path, signum):
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "tests.trust", "--full", "feeds"]
    trying = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until_s = time.monotonic() + PATIENCE_S
        while not any("player" in log.read_text() for log in tmp_path.glob("*/server.log")):   # somebody plays there
            assert time.monotonic() < until_s
            assert trying.poll() is None, trying.stderr.read()
            time.sleep(0.05)
        assert len(session(trying.pid)) > 1
        trying.send_signal(signum)
        said, complaints = trying.communicate(timeout=PROMPT_S)
        assert trying.returncode == 130, complaints
        assert "Traceback" not in complaints
        assert "| fault |" in said
        assert session(trying.pid) == []
        assert not list(tmp_path.glob("tabiya-*"))
    finally:
        for pid in session(trying.pid):
            os.kill(pid, signal.SIGKILL)
        trying.communicate()
