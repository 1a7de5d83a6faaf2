"""The bus of many workers, on Redis 7.0 or later: pub/sub, and one expiring hash for each worker.

`all` is heard by every worker: beats, changes of attendance, farewells. `to:<worker>` carries the hints that it has use
for. `at:<worker>` is what it attends, with the number of its latest change in the field `#`; it expires unless a beat
renews it, and is written anew when something of it is found missing (Redis was restarted, or emptied).
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from game_server.bus.bus import BEAT_S, LOBBY, SIGHT_MS, Attendance, Ears, Hint, Seen
from game_server.bus.lines import CommandLine, Subscription, connection_to
from game_server.bus.roll import NOBODY, Roll, interested

logger = logging.getLogger("tabiya.bus")

EXPIRES_MS: Final = 10_000
FAREWELL_S: Final = 0.3
CHUNK: Final = 500
NUMBER: Final = "#"


class RedisBus:
    """A Bus; its promises are written there. Raises ValueError if `url` is none of Redis."""

    def __init__(self, url: str, now: Callable[[], int], worker: str | None = None) -> None:
        self.ears = Ears()
        self._now = now
        self._worker = worker or secrets.token_hex(8)
        self._prefix = f"tabiya:{getattr(connection_to(url), 'db', 0) or 0}:"     # channels know no databases
        self._roll = Roll()
        self._told: dict[str, Attendance] = {}
        self._changed: dict[str, None] = {}
        self._hints: dict[str, dict[str, Hint]] = {}
        self._number = 0
        self._asked: set[str] = set()
        self._echo_ms = self._sighted_ms = 0
        self._has_left = False
        self._commands = CommandLine(url, self._rewrite, self._flush)
        self._subscription = Subscription(url, (self._key("all"), self._key(f"to:{self._worker}")), self._hear)

    def _key(self, name: str) -> str:
        return self._prefix + name

    @property
    def worker(self) -> str:
        return self._worker

    @property
    def is_alone(self) -> bool:
        return False

    # What this worker tells

    def tell(self, hint: Hint) -> None:
        wanted = interested(self.elsewhere(hint.name), self.elsewhere(LOBBY) if hint.is_public else ())
        for worker in wanted:
            self._hints.setdefault(worker, {})[hint.name] = hint
        if wanted:
            self._commands.wake()

    def attend(self, name: str, attendance: Attendance) -> None:
        if self._has_left or self._told.get(name, NOBODY) == attendance:
            return
        self._told[name] = attendance
        if attendance == NOBODY:
            del self._told[name]
        self._changed[name] = None
        self._commands.wake()

    def _flush(self) -> None:
        hints, self._hints = self._hints, {}
        if not self._commands.is_up:
            return
        for worker, by_name in hints.items():
            self._commands.ask("PUBLISH", self._key(f"to:{worker}"), _text([["h", *hint] for hint in by_name.values()]))
        self._tell_what_changed()

    def _tell_what_changed(self) -> None:
        changed, self._changed = list(self._changed), {}
        for start in range(0, len(changed), CHUNK):
            self._tell_changes(changed[start : start + CHUNK])

    def _tell_changes(self, names: list[str]) -> None:
        messages: list[list[Any]] = []
        for name in names:
            self._number += 1
            messages.append(["a", self._worker, self._number, name, *self._told.get(name, NOBODY)])
        present = [name for name in names if name in self._told]
        gone = [name for name in names if name not in self._told]
        key = self._key(f"at:{self._worker}")
        self._commands.ask("HSET", key, NUMBER, self._number, *self._fields(present))
        if gone:
            self._commands.ask("HDEL", key, *gone)
        self._publish(messages)

    def _fields(self, names: Iterable[str]) -> list[str | int]:
        fields: list[str | int] = []
        for name in names:
            fields += [name, _text(self._told[name])]
        return fields

    def _publish(self, messages: list[list[Any]]) -> None:
        self._commands.ask("PUBLISH", self._key("all"), _text(messages))

    def _rewrite(self) -> None:
        """Redis may know nothing, or what is not so any more."""
        key, names = self._key(f"at:{self._worker}"), list(self._told)
        self._number += 1       # so that whoever has heard only a part asks again
        self._changed.clear()
        self._commands.ask("DEL", key)
        for start in range(0, len(names), CHUNK):
            self._commands.ask("HSET", key, *self._fields(names[start : start + CHUNK]))
        self._commands.ask("HSET", key, NUMBER, self._number)       # last: whoever reads it before that asks again
        self._beat()
        self._publish([["w", self._worker]])

    def _beat(self) -> None:
        self._tell_what_changed()
        key, expected = self._key(f"at:{self._worker}"), len(self._told) + 1
        self._commands.ask("PEXPIRE", key, EXPIRES_MS)
        self._commands.ask("HLEN", key, answered=lambda count: self._renewed(expected, count))
        self._publish([["b", self._worker, self._number, self._now()]])

    def _renewed(self, expected: int, count: int) -> None:
        if count != expected and not self._has_left:
            logger.warning("bus: Redis has forgotten who is here: telling it again")
            self._rewrite()

    async def leave(self) -> None:
        self._has_left = True
        if self._commands.is_up:
            self._publish([["x", self._worker, self._now()]])
            self._commands.ask("DEL", self._key(f"at:{self._worker}"))
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._commands.idle()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commands.run())
            tasks.create_task(self._subscription.run())
            while True:
                if not self._has_left:
                    self._beat()
                await asyncio.sleep(BEAT_S)

    # What it hears

    def _hear(self, text: bytes) -> None:
        try:
            self._hear_all(json.loads(text))
        except (ValueError, TypeError):
            logger.warning("bus: somebody else's message on our channel: %.80r", text)

    def _hear_all(self, messages: list[list[Any]]) -> None:
        for message in messages:
            match message:
                case ["h", name, life, version, is_public]:
                    self.ears.hint(Hint(name, life, version, is_public))
                case ["b", worker, number, alive_ms] if worker == self._worker:
                    self._note_echo()
                case [_, worker, *_] if worker == self._worker:
                    pass
                case ["b", worker, number, alive_ms]:
                    if not self._roll.beat(worker, number, alive_ms):
                        self._ask_all(worker)
                case ["a", worker, number, name, players, others]:
                    if self._roll.change(worker, number, name, Attendance(players, others)):
                        self.ears.attendance(name)
                    else:
                        self._ask_all(worker)
                case ["w", _]:
                    if not self._has_left:
                        self._beat()
                case ["x", worker, at_ms]:
                    self.ears.end(worker, at_ms)
                    self.forget(worker)

    def _note_echo(self) -> None:
        now_ms = self._now()
        if now_ms - self._echo_ms > SIGHT_MS:
            self._sighted_ms = now_ms
        self._echo_ms = now_ms

    def _ask_all(self, worker: str) -> None:
        """Some of what it told was not heard."""
        if worker in self._asked or not self._commands.is_up:
            return
        self._asked.add(worker)
        asyncio.get_running_loop().call_later(SIGHT_MS / 1_000, self._asked.discard, worker)

        def answered(fields: list[bytes]) -> None:
            self._asked.discard(worker)
            told = {name.decode(): json.loads(text) for name, text in zip(fields[::2], fields[1::2], strict=True)}
            if NUMBER in told:
                number = told.pop(NUMBER)
                for name in self._roll.replace(worker, number, {name: Attendance(*at) for name, at in told.items()}):
                    self.ears.attendance(name)

        self._commands.ask("HGETALL", self._key(f"at:{worker}"), answered=answered)

    def elsewhere(self, name: str) -> list[Seen]:
        return self._roll.elsewhere(name)

    def attended(self, worker: str) -> list[tuple[str, Attendance]]:
        return self._roll.attended(worker)

    def names(self, prefix: str) -> list[str]:
        return self._roll.names(prefix)

    def alive_ms(self, worker: str) -> int:
        return self._roll.alive_ms(worker)

    def vouch(self, worker: str, alive_ms: int) -> None:
        self._roll.vouch(worker, alive_ms)

    def workers(self) -> list[str]:
        return self._roll.workers

    def forget(self, worker: str) -> None:
        for name in self._roll.drop(worker):
            self.ears.attendance(name)

    def sighted_ms(self) -> int | None:
        return self._sighted_ms if self._now() - self._echo_ms <= SIGHT_MS else None


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
