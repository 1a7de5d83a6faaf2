"""A process that appends to fifty streams and prints each version once it is acknowledged: `appender.py PATH`.

Lines are written with one unbuffered write each, so that a kill leaves at most the last one torn.
"""

import asyncio
import os
import sys

from game_server.store.log import StreamId
from game_server.store.sql import open_log
from tests.store.examples import moving, opening, saying


async def append_for_ever(log, number):
    stream = StreamId(f"room:{number}")
    version = len((await log.read(stream)).recorded) or await log.append(opening(stream))
    while True:
        version = await log.append(
            saying(f"v{version + 1}", version, stream) if version % 3 else moving(version, stream)
        )
        os.write(1, f"{number} {version}\n".encode())


async def main(path):
    log = await open_log(f"sqlite:///{path}")
    await asyncio.gather(*(append_for_ever(log, number) for number in range(50)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
