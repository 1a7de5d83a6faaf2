"""The first page: what goes on here, live, and the ways into a game."""

import asyncio
import re
import shutil
from typing import Any

import chess
import httpx
import pytest
from playwright.async_api import Route, expect

from game_server.client import join
from tests.system.conftest import Starter
from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

STOCKFISH = shutil.which("stockfish") or shutil.which("stockfish", path="/usr/games")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


async def offer(visitor: Visitor, url: str, time: str = "3+2", color: str = "White") -> str:
    """Opens a game to everybody on the first page; its room's id."""
    await visitor.page.goto(url)
    await visitor.choose("Anyone")
    await visitor.choose(time)
    await visitor.choose(color)
    await visitor.see("name").fill(visitor.name)
    await visitor.press("create")
    await expect(visitor.see("invite")).to_be_visible()
    return visitor.page.url.rpartition("/")[2]


def row(visitor: Visitor, room_id: str, testid: str = "open-seat") -> Any:
    return visitor.page.locator(f'[data-testid="{testid}"][data-room="{room_id}"]')


async def test_an_open_game_appears_in_the_lobby_and_whoever_presses_join_plays(
    invite: Invite, server: Server
) -> None:
    ann, bob, cat = await invite("Ann"), await invite("Bob"), await invite("Cat")
    for visitor in (bob, cat):
        await visitor.page.goto(server.url)
    await bob.see("name").fill("Bob")
    room_id = await offer(ann, server.url)
    await expect(row(bob, room_id)).to_contain_text("Ann")
    await expect(row(bob, room_id)).to_contain_text("3+2 · Blitz · you play Black")
    await bob.press(row(bob, room_id).get_by_test_id("join-seat"))
    table = Table(ann, bob, ann.page.url)
    await table.play("e4", "e5")
    await expect(row(cat, room_id)).to_have_count(0)
    await expect(row(cat, room_id, "live-board")).to_be_visible()


async def test_a_seat_that_somebody_else_took_first_is_refused_with_a_sentence(invite: Invite, server: Server) -> None:
    bob = await invite("Bob")
    bob.foresees("status of 409")
    await bob.page.goto(server.url)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        room_id = (await http.post("/rooms", json={"public": True})).json()["room_id"]

        async def overtake(route: Route) -> None:
            await http.post(f"/rooms/{room_id}/seats", json={})
            await route.continue_()

        await bob.page.route("**/seats", overtake)
        await bob.press(row(bob, room_id).get_by_test_id("join-seat"))
        await expect(bob.see("lobby")).to_contain_text("Somebody else was faster")
    await expect(row(bob, room_id)).to_have_count(0)
    await bob.page.unroute("**/seats")


async def test_ones_own_open_game_leads_back_to_it(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    room_id = await offer(ann, server.url)
    await ann.page.goto(server.url)
    await expect(row(ann, room_id)).to_contain_text("(you)")
    await expect(row(ann, room_id).get_by_test_id("join-seat")).to_have_count(0)
    await ann.press(row(ann, room_id).get_by_role("button"))
    await expect(ann.see("invite")).to_be_visible()


async def test_the_wall_shows_the_moves_of_two_games_as_they_are_made(invite: Invite, seat: Seat) -> None:
    first = await seat(public=True)
    eve = await invite("Eve")
    await eve.page.goto(f"{first.link.partition('/room/')[0]}/wall")
    await first.play("e4")
    await mini_shows(eve, first)
    async with httpx.AsyncClient(trust_env=False) as http:
        second = await bare_game(http, first.link.partition("/room/")[0])
        await expect(row(eve, second, "live-board")).to_be_visible()
        await first.play("e5", "Nf3")
    await mini_shows(eve, first)
    await expect(eve.see("wall-address")).to_have_text(re.compile(r"127\.0\.0\.1:\d+"))
    assert await eve.see("qr").is_visible()
    await eve.does_not_scroll_sideways()
    await eve.press(row(eve, first.link.rpartition("/")[2], "live-board"))
    first.watchers.append(eve)
    await first.play("Nc6")


async def bare_game(http: httpx.AsyncClient, url: str) -> str:
    """A public game between two programs; its room's id."""
    room_id: str = (await http.post(f"{url}/rooms", json={"public": True, "name": "Uno"})).json()["room_id"]
    await http.post(f"{url}/rooms/{room_id}/seats", json={"name": "Due"})
    return room_id


async def mini_shows(visitor: Visitor, table: Table) -> None:
    """The small board of that game has the pieces of the large one."""
    board = row(visitor, table.link.rpartition("/")[2], "live-board")
    wanted = sorted(
        f"{chess.square_mirror(square)} {chess.piece_name(piece.piece_type)} {chess.COLOR_NAMES[piece.color]}"
        for square, piece in table.board.piece_map().items()
    )
    await visitor.page.wait_for_function(
        """([element, wanted]) => {
          const seen = [...element.querySelectorAll('piece')].map(piece => {
            const [x, y] = piece.style.transform.match(/\\d+/g).map(Number);
            return `${x / 100 + 8 * (y / 100)} ${piece.className}`;
          });
          return JSON.stringify(seen.sort()) === JSON.stringify(wanted);
        }""",
        arg=[await board.element_handle(), wanted],
    )


@pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
async def test_the_computer_is_played_from_the_first_page(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    await ann.page.goto(server.url)
    await ann.choose("Computer")
    await ann.choose("Level 2")
    await ann.choose("White")
    await expect(ann.see("computer")).to_contain_text("Stockfish")
    await ann.press("create")
    await expect(ann.see("player-black")).to_contain_text("level 2")
    board = chess.Board()
    for san in ("e4", "Nf3"):
        await ann.move(board.parse_san(san), "drag")
        board.push_san(san)
        moves = ann.page.locator("[data-testid=moves] .move:not(.pending)")
        await expect(moves).to_have_count(len(board.move_stack) + 1)
        board.push_san((await moves.all_text_contents())[-1])
        await ann.sees(board)
    await ann.press("resign")
    await ann.press("confirm-yes")
    await expect(ann.see("result")).to_contain_text("Black wins")


async def plays_the_computer(visitor: Visitor, url: str, time: str) -> None:
    """Begins a game with the white pieces."""
    await visitor.page.goto(url)
    await visitor.choose("Computer")
    await visitor.choose(time)
    await visitor.choose("White")
    await visitor.press("create")
    await expect(visitor.see("abort")).to_be_visible()


@pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
async def test_the_computer_waits_for_who_leaves_a_game_without_a_clock(invite: Invite, starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--flicker-s", "0", "--goodbye-grace-s", "0.1").start)
    ann = await invite("Ann")
    await plays_the_computer(ann, server.url, "Unlimited")
    await ann.carry("e2", "e4", "drag")
    await expect(ann.see("move-2")).to_be_visible()
    room_id = ann.page.url.rpartition("/")[2]
    await ann.page.go_back()        # nobody asks whether this is meant
    await expect(row(ann, room_id, "own-game")).to_contain_text("Your move")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        async with asyncio.timeout(30):
            while (await http.get(f"/rooms/{room_id}")).json()["white"]["connected"]:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)      # a person could claim the game by now
    await ann.press(row(ann, room_id, "own-game"))
    await expect(ann.see("resign")).to_be_visible()
    await ann.carry("h2", "h4", "drag")
    await expect(ann.see("move-4")).to_be_visible()


@pytest.mark.skipif(STOCKFISH is None, reason="needs Stockfish: apt install stockfish")
async def test_leaving_the_computer_asks_first_while_a_clock_runs(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    await plays_the_computer(ann, server.url, "10+5")
    await ann.page.go_back()
    await expect(ann.see("confirm-leave")).to_contain_text("goes on without you")
    await ann.press("confirm-no")


async def test_without_an_engine_the_page_says_what_to_do(invite: Invite, starter: Starter) -> None:
    server = starter("--engine", "no-such-engine").start()
    ann = await invite("Ann")
    await ann.page.goto(server.url)
    await ann.choose("Computer")
    await expect(ann.see("no-engine")).to_contain_text("apt install stockfish")
    await expect(ann.see("create")).to_be_disabled()
    await ann.choose("A friend")
    await expect(ann.see("create")).to_be_enabled()


async def test_finished_games_are_searched_leafed_through_and_replayed(invite: Invite, starter: Starter) -> None:
    server = starter("--rate-limits", "off").start()
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        for number in range(22):
            await resigned(http, "Zoe" if number == 3 else "Ann", f"Rival {number}")
    eve = await invite("Eve")
    await eve.page.goto(server.url)
    games = eve.see("finished-game")
    await expect(games).to_have_count(5)
    await expect(games.first).to_contain_text("Rival 21")
    await eve.press(eve.page.get_by_role("link", name="All games"))
    await expect(games).to_have_count(20)
    await eve.press("older")
    await expect(games).to_have_count(2)
    await expect(games.last).to_contain_text("Rival 0")
    await expect(eve.see("older")).to_be_disabled()
    await eve.press("newer")
    await expect(games.first).to_contain_text("Rival 21")
    await eve.see("search-result").select_option("1-0")
    await expect(eve.page.get_by_text("No game fits.")).to_be_visible()
    await eve.see("search-result").select_option("0-1")
    await eve.see("search-player").fill("zo")
    await eve.press("search")
    await expect(games).to_have_count(1)
    assert eve.page.url.endswith("/games?player=zo&result=0-1")
    await eve.page.reload()
    await expect(games).to_have_count(1)
    await eve.press(games.first)
    await expect(eve.see("result")).to_contain_text("White resigned")
    assert "/game/" in eve.page.url


async def resigned(http: httpx.AsyncClient, white: str, black: str) -> None:
    """A public game that White has resigned."""
    room = (await http.post("/rooms", json={"public": True, "color": "white", "name": white, "linger_s": 0})).json()
    await http.post(f"/rooms/{room['room_id']}/seats", json={"name": black})
    async with join(room["url"], token=room["token"]) as seat:
        await seat.resign()


@pytest.mark.parametrize("path", ["/", "/wall", "/games"])
async def test_a_page_fits_a_phone_and_shows_names_as_text(invite: Invite, seat: Seat, path: str) -> None:
    table = await seat(public=True, name="<img src=x onerror=alert(1)>" + "W" * 4)
    ann = await invite(**PHONE)
    await ann.page.goto(table.link.partition("/room/")[0] + path)
    await ann.does_not_scroll_sideways()
    if path != "/games":
        board = row(ann, table.link.rpartition("/")[2], "live-board")
        await expect(board).to_contain_text("<img src=x onerror=alert(1)>")
        await ann.does_not_scroll_sideways()
    assert await ann.page.evaluate("() => document.images.length") == 0


async def test_the_form_is_filled_in_and_sent_by_keyboard(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    await ann.page.goto(server.url)
    await ann.page.get_by_role("radio", name="A friend").focus()
    await ann.page.keyboard.press("ArrowRight")
    await expect(ann.page.get_by_role("radio", name="Anyone")).to_be_checked()
    await ann.page.keyboard.press("Tab")
    await ann.page.keyboard.press("ArrowRight")
    await expect(ann.page.get_by_role("radio", name=re.compile(r"^10\+0"))).to_be_checked()
    await ann.page.keyboard.press("Enter")
    await expect(ann.see("invite")).to_contain_text("10+0")


async def test_while_the_page_cannot_be_seen_its_lobby_is_not_followed(invite: Invite, server: Server) -> None:
    """A browser has six connections for a host; tabs in the background must not use them up."""
    ann = await invite("Ann")
    await ann.page.goto(server.url)
    await expect(ann.see("lobby")).not_to_contain_text("Connecting")
    await ann.page.evaluate(
        """() => {
          Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        room_id = (await http.post("/rooms", json={"public": True, "name": "Later"})).json()["room_id"]
        other = await invite("Bob")
        await other.page.goto(server.url)
        await expect(row(other, room_id)).to_be_visible()
    await expect(row(ann, room_id)).to_have_count(0)
    await ann.page.evaluate(
        """() => {
          delete document.visibilityState;
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    await expect(row(ann, room_id)).to_be_visible()
