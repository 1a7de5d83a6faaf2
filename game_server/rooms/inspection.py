"""Whether what is stored can be true: every stream folds from its log, every move in it is legal, and the rows beside
it say the same.
"""

from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any, Final, Protocol

from game_server.core.account import Account, account_deadline, evolve_account
from game_server.core.audit import fault
from game_server.core.events import MovePlayed
from game_server.core.evolve import evolve
from game_server.core.ids import AccountId, GameId
from game_server.core.refusals import Code
from game_server.core.room import Room
from game_server.rooms import directory, live_account
from game_server.rooms.replica import finished_row
from game_server.store.book import AccountRow
from game_server.store.codec import decode
from game_server.store.dialect import Row
from game_server.store.log import REMEMBERED, FinishedGame, StreamId
from game_server.store.survey import Stored

CODES: Final = frozenset(code.value for code in Code)


class Rows(Protocol):
    """What an EventLog has beside its streams."""

    async def finished_game(self, game_id: GameId) -> FinishedGame | None: ...

    async def account(self, account_id: AccountId) -> AccountRow | None: ...


class Wrong(Exception):  # noqa: N818 - found in the store, no error of this program
    """Why a stream cannot be as it is stored."""


async def faults(rows: Rows, stored: Stored) -> list[str]:
    """What is wrong with a stream, in sentences; of what cannot be followed any further only the first."""
    place = _place(stored.stream)
    found = [f"{place}: {sentence}" async for sentence in _faults(rows, stored)]
    found += [f"{place}: {sentence}" for sentence in _answer_faults(stored)]
    return found


def _place(stream: StreamId) -> str:
    name = stream.name.replace(":", " ", 1)
    return name if stream.life == 1 else f"{name} (life {stream.life})"


async def _faults(rows: Rows, stored: Stored) -> AsyncIterator[str]:
    try:
        if stored.stream.name.startswith(directory.PREFIX):
            async for sentence in _room_faults(rows, stored):
                yield sentence
        elif stored.stream.name.startswith(live_account.PREFIX):
            await _require_account(rows, stored)
        else:
            yield "no stream is called so"
    except Wrong as wrong:
        yield str(wrong)


def _decoded(number: int, row: Row) -> Any:
    """The event in `row`, which must be the `number`-th. Raises Wrong."""
    version, kind, at_ms, body, _, _ = row
    if version != number:
        raise Wrong(f"version {number} is missing")
    try:
        return decode(kind, at_ms, body)
    except AssertionError as unreadable:
        raise Wrong(f"version {version}: {unreadable}") from None


def _require_all(stored: Stored, version: int) -> None:
    if version != stored.version:
        raise Wrong(f"version {version + 1} is missing: there should be {stored.version}")


async def _room_faults(rows: Rows, stored: Stored) -> AsyncIterator[str]:
    room: Room | None = None
    for number, row in enumerate(stored.events, 1):
        room = _after(room, number, row)
        if row[1].startswith("game_ended"):
            for sentence in await _row_faults(rows, stored.stream, room):
                yield f"version {number}: {sentence}"
    _require_all(stored, room.version if room else 0)
    if room is None:
        raise Wrong("it was never opened")
    if directory.PREFIX + room.room_id != stored.stream.name:
        yield f"its log is that of room {room.room_id}"
    is_open = room.status != "closed"
    if (stored.is_open, stored.is_public) != (is_open, is_open and room.options.public):
        yield f"it is {room.status}, and its row says otherwise"
    if is_open == (stored.deadline_ms is None):
        yield "it is open and would never be looked at again" if is_open else "it has closed and still has a deadline"


def _after(room: Room | None, number: int, row: Row) -> Room:
    """`room` after the `number`-th event, which stands in `row`. Raises Wrong."""
    event = _decoded(number, row)
    try:
        if (sentence := fault(room, event)) is None and room is not None and isinstance(event, MovePlayed):
            sentence = _mover_fault(room, event, row)
        after = evolve(room, event)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is in the store
        raise Wrong(f"version {number}: {row[1]} does not fold: {error!r}") from None
    if sentence is not None:
        raise Wrong(f"version {number}: {row[1]}: {sentence}")
    return after


def _mover_fault(room: Room, event: MovePlayed, row: Row) -> str | None:
    seat, player_id = room.seat(event.color), row[4]
    return f"asked for by {player_id}" if player_id is not None and seat and player_id != seat.player_id else None


async def _row_faults(rows: Rows, stream: StreamId, room: Room) -> list[str]:
    """Whether lists and searches show the game that has just ended as it was."""
    expected = finished_row(stream, room)
    found = await rows.finished_game(expected.game_id)
    if found is None:
        return [f"game {expected.game_id} has no row"]
    names = [field.name for field in fields(FinishedGame)]
    wrong = [name for name in names if getattr(found, name) != getattr(expected, name)]
    return [f"the row of game {expected.game_id} is wrong in {', '.join(wrong)}"] if wrong else []


async def _require_account(rows: Rows, stored: Stored) -> None:
    """Raises Wrong unless the account exists and its events are what it says."""
    account = Account(AccountId(stored.stream.name.removeprefix(live_account.PREFIX)))
    if await rows.account(account.id) is None:
        raise Wrong("there is no such account")
    for number, row in enumerate(stored.events, 1):
        try:
            account = evolve_account(account, _decoded(number, row))
        except (AssertionError, AttributeError, TypeError) as error:
            raise Wrong(f"version {number}: {row[1]} does not fold: {error!r}") from None
    _require_all(stored, account.version)
    if account_deadline(account) != stored.deadline_ms:
        raise Wrong("its challenges would not expire when they say")


def _answer_faults(stored: Stored) -> list[str]:
    """What is wrong with the remembered answers that left no event."""
    found: list[str] = []
    players: dict[str, int] = {}
    for player_id, number, command_id, version, code in stored.answers:
        players[player_id] = players.get(player_id, 0) + 1
        if not 1 <= version <= stored.ceiling:
            found.append(f"answer {number} to {player_id} ({command_id}) speaks of version {version}")
        if code is not None and code not in CODES:
            found.append(f"answer {number} to {player_id} ({command_id}) has no known code: {code}")
    return found + [f"{count} answers to {player} are kept" for player, count in players.items() if count > REMEMBERED]
