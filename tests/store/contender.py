"""A process that appends to streams to which others append at the same time: `contender.py URL NAME STREAMS ROUNDS`.

Prints the stream's number and the version of each append that was accepted, which says NAME in the log.
"""

import asyncio
import random
import sys

from game_server.store.log import Conflict, StreamId, WorkerId
from game_server.store.sql import open_log
from tests.store.examples import T, answer, cause, saying


async def main(url, name, streams, rounds):
    log = await open_log(url)
    versions = [0] * streams

    async def append(number, command_id):
        """Version 1 is begun by all of them at once; an answer comes with some, and one alone with others. Later ones
        do not share one commit: whoever has won that would know all versions, and win the next.
        """
        if versions[number]:
            await asyncio.sleep(random.uniform(0, 0.05))
        remembered = answer(command_id, versions[number], player_id=name) if versions[number] % 3 else None
        wish = saying(name, versions[number], StreamId(f"room:{number}"), cause=cause(command_id), answer=remembered)
        try:
            versions[number] = await log.append(wish)
            print(number, versions[number])
        except Conflict as conflict:
            versions[number] = conflict.actual

    for round_ in range(rounds):
        numbers = random.sample(range(streams), streams)
        beside = log.renew(WorkerId(name), T + round_), log.note_outage(round_, round_ + 1), log.ready()
        await asyncio.gather(*(append(number, f"{name}{round_}") for number in numbers), *beside)
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
