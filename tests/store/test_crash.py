"""Real processes that die: every append that was acknowledged is there afterwards, in its place."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from game_server.store.log import StreamId
from tests.store.conftest import opened

ROOT = Path(__file__).parents[2]
KILLS = 5
ACKNOWLEDGED_BEFORE_A_KILL = 400


def start(path, **more):
    command = [sys.executable, "-m", "tests.store.appender", str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, **more)


def acknowledged_in(output):
    """The last version printed for each stream; a torn last line does not count."""
    whole = output[: output.rfind(b"\n") + 1].decode().split("\n")[:-1]
    return {int(stream): int(version) for stream, version in (line.split() for line in whole)}


async def check(path, acknowledged):
    async with opened(f"sqlite:///{path}") as log:
        for number, version in acknowledged.items():
            recorded = (await log.read(StreamId(f"room:{number}"))).recorded
            assert len(recorded) >= version
            assert [each.version for each in recorded] == list(range(1, len(recorded) + 1))


async def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path):
    path, acknowledged = tmp_path / "t.db", {}
    for _ in range(KILLS):
        with start(path) as process:
            output = b"".join(process.stdout.readline() for _ in range(ACKNOWLEDGED_BEFORE_A_KILL))
            process.send_signal(signal.SIGKILL)
            output += process.stdout.read()
        assert process.returncode == -signal.SIGKILL
        acknowledged |= acknowledged_in(output)
        await check(path, acknowledged)
    assert len(acknowledged) == 50


async def test_a_write_error_of_the_disk_ends_the_process_and_loses_nothing_acknowledged(tmp_path):
    path = tmp_path / "t.db"
    limit_bytes = 1_000_000  # a write beyond it fails with EFBIG, which SQLite reports as an I/O error

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    with start(path, preexec_fn=limited, stderr=subprocess.PIPE) as process:
        output, errors = process.communicate(timeout=20)
    assert process.returncode == os.EX_IOERR
    assert b"stopping: the database cannot be written any more" in errors
    acknowledged = acknowledged_in(output)
    assert acknowledged
    await check(path, acknowledged)
