"""A seat against a real server: turns, commands, coming back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from game_server.client import (
    BadToken,
    Code,
    Listener,
    NoRoom,
    Patience,
    Refused,
    Replaced,
    Seat,
    SeatsTaken,
    Turn,
    Unreachable,
    create_room,
    join,
    watch,
)
from game_server.client.view import first_view
from game_server.wire.outbound import StateFrame
from tests.system.conftest import Starter
from tests.system.process import Server, free_port
from tests.system.tables import new_room_id

PATIENCE_S = 20
MATE = {"white": ("f2f3", "g2g4"), "black": ("e7e5", "d8h4")}


@asynccontextmanager
async def two_seats(server: Server, **wishes: str) -> AsyncIterator[tuple[Seat, Seat]]:
    room_id = new_room_id()
    async with (
        asyncio.timeout(PATIENCE_S),
        join(server.url, room_id, name="White", color="white", **wishes) as white,
        join(server.url, room_id, name="Black") as black,
    ):
        yield white, black


async def next_turn(seat: Seat) -> Turn:
    async for turn in seat.turns():
        return turn
    raise AssertionError("the game is over")


def drop(listener: Listener) -> None:
    """Loses the connection without a word; it will come back."""
    assert listener._socket is not None
    listener._socket.transport.abort()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.01)


async def play_to_mate(seat: Seat) -> None:
    moves = iter(MATE[seat.color])
    async for turn in seat.turns():
        assert await turn.play(next(moves))


async def test_turns_end_with_the_game(server: Server) -> None:
    async with two_seats(server) as (white, black):
        await asyncio.gather(play_to_mate(white), play_to_mate(black))
        for seat in (white, black):
            view = seat.view
            assert (view.result, view.winner, view.reason, view.ply) == ("0-1", "black", "checkmate", 4)


async def test_who_is_mated_is_not_asked_for_a_move(server: Server) -> None:
    """The mating move and the end of the game are two frames, and between them is a moment."""
    async with two_seats(server) as (white, black):
        await asyncio.gather(play_to_mate(white), play_to_mate(black))
        white._view = replace(white.view, status="playing", result=None)
        assert white.is_my_turn
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await next_turn(white)


async def test_a_view_is_the_servers_state(server: Server) -> None:
    async with two_seats(server, time="5+3") as (white, black), watch(server.url, white.view.room_id) as watcher:
        await (await next_turn(white)).play("e2e4")
        await (await next_turn(black)).play("e7e5")
        await white.offer_draw()
        await white.decline("draw")
        await white.offer("takeback")
        await black.accept("takeback")
        await black.add_time(20_000)
        await white.chat("hello")
        await white.resign()
        text = httpx.get(f"{server.url}/rooms/{white.view.room_id}", trust_env=False).text
        state = first_view(StateFrame.model_validate_json(text))
        for listener in (white, black, watcher):
            await until(lambda listener=listener: listener.view.v == state.v)
            ours, theirs = dict(vars(listener.view)), dict(vars(state))
            for fields in (ours, theirs):
                del fields["clock_at_ms"], fields["position_v"]
                fields.pop("legal_moves", None)
            assert ours == theirs


async def test_a_lost_connection_comes_back_to_the_same_seat_and_misses_nothing(server: Server) -> None:
    async with two_seats(server) as (white, black):
        await (await next_turn(white)).play("e2e4")
        player_id = white.player_id
        drop(white)
        await (await next_turn(black)).play("e7e5")
        turn = await next_turn(white)
        assert (turn.moves, white.player_id, white.reconnects) == (("e2e4", "e7e5"), player_id, 1)
        kinds = [event.type for event in white._frames]
        assert (kinds.count("state"), kinds.count("move")) == (1, 2)


async def test_a_move_whose_answer_was_lost_is_made_once(server: Server) -> None:
    async with two_seats(server) as (white, black):
        turn = await next_turn(white)
        playing = asyncio.create_task(turn.play("e2e4"))
        await asyncio.sleep(0)          # it has been written
        drop(white)
        assert await playing
        await until(lambda: black.view.ply == 1)
        assert [move.uci for move in white.view.moves] == ["e2e4"]


async def test_a_move_made_while_the_server_is_gone_is_made_when_it_is_back(starter: Starter) -> None:
    server = await asyncio.to_thread(starter().start)
    async with two_seats(server) as (white, black):
        turn = await next_turn(white)
        server.kill()
        playing = asyncio.create_task(turn.play("e2e4"))
        await asyncio.sleep(0.3)
        assert not playing.done()
        await asyncio.to_thread(server.start)
        assert await playing
        await until(lambda: black.view.ply == 1)
        assert black.view.fen == white.view.fen


async def test_an_illegal_move_is_refused_by_name_and_the_turn_stays(server: Server) -> None:
    async with two_seats(server) as (white, _):
        turn = await next_turn(white)
        with pytest.raises(Refused) as refused:
            await turn.play("e2e5")
        assert refused.value.code == Code.ILLEGAL_MOVE
        assert turn.is_current
        assert await turn.play("e2e4")


async def test_a_turn_that_has_passed_is_no_error(server: Server) -> None:
    async with two_seats(server) as (white, black):
        turn = await next_turn(white)
        await black.resign()
        assert not await turn.play("e2e4")
        assert not turn.is_current


async def test_after_a_takeback_the_turn_comes_again(server: Server) -> None:
    async with two_seats(server) as (white, black):
        turns = white.turns()
        await (await anext(turns)).play("e2e4")
        await white.offer("takeback")
        await until(lambda: black.view.offers.takeback == "white")
        await black.accept("takeback")
        turn = await anext(turns)
        assert (turn.moves, "e2e4" in turn.legal_moves) == ((), True)
        assert await turn.play("d2d4")


async def test_a_rematch_swaps_colours_on_the_same_seat(server: Server) -> None:
    async with two_seats(server) as (white, black):
        await white.resign()
        await black.offer("rematch")
        await white.accept("rematch")
        await until(lambda: black.color == "white" and white.color == "black")
        assert (await next_turn(black)).color == "white"
        assert black.view.score.white == 1


async def test_a_seat_is_taken_up_by_its_token_in_another_process(server: Server) -> None:
    async with two_seats(server) as (white, _):
        await (await next_turn(white)).play("e2e4")
        async with join(server.url, white.view.room_id, token=white.token) as again:
            assert (again.player_id, again.color, again.view.ply) == (white.player_id, "white", 1)
            with pytest.raises(Replaced):
                await until_over(white)


async def until_over(listener: Listener) -> None:
    async for _ in listener.events():
        pass


async def test_a_third_player_is_told_by_name_to_watch(server: Server) -> None:
    async with two_seats(server) as (white, _):
        with pytest.raises(SeatsTaken, match="watch"):
            await join(server.url, white.view.room_id).__aenter__()
        async with watch(server.url, white.view.room_id) as watcher:
            assert watcher.view.white is not None


async def test_refusals_at_the_door_have_names(server: Server) -> None:
    with pytest.raises(BadToken):
        await join(server.url, new_room_id(), token="short").__aenter__()
    with pytest.raises(NoRoom, match="time is minutes"):
        await join(server.url, new_room_id(), time="soon").__aenter__()
    with pytest.raises(NoRoom):
        await watch(server.url, "nowhere").__aenter__()


async def test_nobody_there_is_said_in_a_sentence() -> None:
    url = f"http://127.0.0.1:{free_port()}/room/mine"
    with pytest.raises(Unreachable, match="does not answer"):
        await join(url, patience=Patience(first_s=0.2)).__aenter__()


async def test_a_page_that_is_no_chess_server_is_said_at_once(server: Server) -> None:
    with pytest.raises(Unreachable, match="HTTP 4"):
        await join(f"{server.url}/elsewhere", "mine").__aenter__()


async def test_a_room_is_created_with_options_and_entered_with_its_ticket(server: Server) -> None:
    ticket = await create_room(server.url, time="3+2", variant="chess960", color="black", name="Ada", takebacks=False)
    async with join(ticket.url, token=ticket.token) as seat:
        assert (seat.color, seat.player_id, seat.view.options.takebacks) == ("black", ticket.player_id, False)
    with pytest.raises(Refused, match="time is minutes"):
        await create_room(server.url, time="soon")


async def test_leaving_with_resignation_gives_the_game_up(server: Server) -> None:
    async with two_seats(server) as (white, black):
        await next_turn(white)
        await white.leave_and_resign()
        await until(lambda: black.view.result is not None)
        assert (black.view.result, black.view.reason) == ("0-1", "resignation")


async def test_commands_after_leaving_say_so(server: Server) -> None:
    async with join(server.url, new_room_id()) as seat:
        pass
    with pytest.raises(Exception, match="left the room"):
        await seat.chat("hello")


async def test_a_frame_of_a_type_from_the_future_counts_and_is_passed_over(server: Server) -> None:
    async with join(server.url, new_room_id()) as seat, watch(server.url, seat.view.room_id) as watcher:
        v = watcher.view.v
        watcher._hear(json.dumps({"type": "confetti", "v": v + 1, "at": 0}))
        assert (watcher.view.v, seat.view.v) == (v + 1, v)
