"""One room at the edge of a real server, and everybody who has to do with it: the hands of the model test.

The record is a stream from version 0 that is read all the time; with it everything else is compared.
"""

import asyncio
import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx

from tests.system.guests import Guest
from tests.system.player import PATIENCE_S, Broken, Frame, Stream, Watcher
from tests.system.process import Server
from tests.trust.told import Told

CODES: Final = {
    "bad_message", "unknown_type", "illegal_move", "not_your_turn", "stale_ply", "game_not_started", "game_over",
    "no_such_offer", "not_allowed", "rate_limited", "try_again",
}  # fmt: skip
FORGOTTEN: Final = {"rate_limited", "try_again"}
_numbers: Final[Iterator[int]] = itertools.count(1)


class Person(Guest):
    """A player who changes colours with a rematch and checks when an `ack` comes. `sent` are all commands, by id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_be_told_all = self.position is None
        self.sent: dict[str, Frame] = {}

    @property
    def is_here(self) -> bool:
        return self.socket is not None and self.is_welcome and not self.is_over

    async def take(self, frame: Frame, text: str) -> None:
        if frame["type"] == "game_started" and self.welcome:
            is_white = frame["white"]["player_id"] == self.welcome["player_id"]
            self.welcome["color"] = "white" if is_white else "black"
        if frame["type"] == "ack" and not self.may_be_told_all and frame["v"] > self.v:
            raise Broken(f"{text} before version {frame['v']}")
        if frame["type"] == "error" and frame["code"] not in CODES:
            raise Broken(text)
        await super().take(frame, text)

    async def say(self, **message: Any) -> Frame | None:
        """The answer; None if the connection ended before there was one."""
        self.may_be_told_all = self.may_be_told_all or message["type"] == "sync"
        command_id = await self.send(**message)
        self.sent[command_id] = message
        await self.until(lambda: command_id not in self.pending or self.is_over)
        text = self.answers.get(command_id)
        answer: Frame | None = None if text is None else json.loads(text)
        if answer is not None and answer.get("code") in FORGOTTEN:
            del self.answers[command_id]
        return answer


class RoomAtTheEdge:
    """`async with` it; `people` are the two who may sit, by number, `watchers` the others."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.people: dict[int, Person] = {}
        self.watchers: list[Watcher | Stream] = []
        self.record: Stream
        self._stack = AsyncExitStack()

    async def open(self, asked: Frame, *, by_socket: bool) -> None:
        self.http = await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_S, trust_env=False, verify=False)
        )
        if by_socket:
            self.room_id = f"model-{next(_numbers)}-{secrets.token_hex(4)}"
            wishes = {key: asked[key] for key in ("time", "variant", "fen") if key in asked}
            first = Person(self.server.ws_url, self.room_id, color="white", name="First", **wishes)
        else:
            answer = await self.http.post("/rooms", json=asked | {"color": "white", "name": "First"})
            assert answer.status_code == 201, answer.text
            made = answer.json()
            self.room_id = made["room_id"]
            first = Person(
                self.server.ws_url, self.room_id, token=made["token"], position=f"{made['epoch']}:0", name="First"
            )
        await self.enter(0, first)
        self.epoch = first.welcome["epoch"]
        self.record = await self._stack.enter_async_context(
            Stream(self.server.url, self.room_id, f"{self.epoch}:0")
        )

    async def enter(self, number: int, person: Person) -> None:
        await person.__aenter__()
        self.people[number] = person
        await person.until(lambda: person.is_welcome and person.position)

    async def watch(self, *, by_socket: bool, position: str | None, is_told_all: bool) -> None:
        kind, url = (Watcher, self.server.ws_url) if by_socket else (Stream, self.server.url)
        watcher = kind(url, self.room_id, position)
        await watcher.__aenter__()
        self.watchers.append(watcher)
        if is_told_all:
            await watcher.until(lambda: watcher.of("state"))
        else:
            watcher.may_be_told_all = False

    def told(self, v: int | None = None) -> Told:
        """The fold of the record, up to that version."""
        texts = self.record.texts if v is None else self.record.texts[:v]
        return Told(json.loads(text) for text in texts)

    async def settle(self) -> None:
        """Until everybody who is here has been told all that anybody was."""
        here = [person for person in self.people.values() if person.is_here]
        for person in here:
            await person.say(type="sync")
        listeners = [self.record, *here, *self.watchers]
        latest = max(listener.v for listener in listeners)
        for listener in listeners:
            await listener.until_it(lambda listener: listener.v >= latest or listener.is_over)

    def require_same(self) -> None:
        """That all feeds showed the same frames, byte for byte, and every `state` is the fold of the frames before."""
        for listener in (*self.people.values(), *self.watchers):
            if listener.fault is not None:
                raise listener.fault
            for v, text in listener.shown.items():
                assert self.record.shown[v] == text, (v, text, self.record.shown[v])
            for state in listener.of("state"):
                self.told(state["v"]).require_state(state)

    async def require_documents(self) -> None:
        """That what is read over HTTP is the fold of the frames, too."""
        answer = await self.http.get(f"/rooms/{self.room_id}")
        state = answer.json()
        await self.record.until(lambda: self.record.v >= state["v"])
        told = self.told(state["v"])
        told.require_state(state)
        again = await self.http.get(f"/rooms/{self.room_id}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, len(again.content) == 0) in ((304, True), (200, False)), again
        pgn = await self.http.get(f"/rooms/{self.room_id}/pgn")
        if told.game is None:
            assert pgn.status_code == 404, pgn.text
        elif (now := self.told()).v == told.v:
            now.require_pgn(pgn.text)
        for game_id, end in told.ends.items():
            stored = (await self.http.get(f"/games/{game_id}")).json()
            assert (stored["result"], stored["reason"]) == (end["result"], end["reason"]), (stored, end)

    async def end(self) -> None:
        leaving = [*self.people.values(), *self.watchers]
        await asyncio.gather(*(each.__aexit__() for each in leaving))
        await self._stack.aclose()
