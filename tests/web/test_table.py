"""What two people do at the board besides moving."""

import asyncio
import re

import chess
import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKUP = "<img src=x onerror=\"document.title='taken over'\"> & <b>bold</b>"


async def ask(visitor: Visitor, wish: str) -> None:
    await visitor.press(wish)
    await visitor.press("confirm-yes")


async def test_resigning_asks_first(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "e5")
    await table.black.press("resign")
    await expect(table.black.see("confirm-resign")).to_contain_text("Resign this game?")
    await table.black.press("confirm-no")
    await table.play("Nf3")
    await ask(table.black, "resign")
    await table.result("White wins", "Black resigned")


async def test_a_draw_is_offered_declined_and_agreed(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "e5")
    await ask(table.white, "draw")
    await expect(table.black.see("offer-draw")).to_contain_text("Ann offers a draw.")
    await expect(table.white.see("offer-draw")).to_contain_text("You offered a draw.")
    await table.black.press("decline-draw")
    await expect(table.white.see("notice")).to_contain_text("Draw declined.")
    await expect(table.white.see("offer-draw")).to_have_count(0)
    await ask(table.black, "draw")
    await table.white.press("accept-draw")
    await table.result("Draw", "Draw agreed", "½ – ½")


async def test_a_move_is_taken_back(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "e5", "Qh5")
    await table.white.press("takeback")
    await expect(table.black.see("offer-takeback")).to_contain_text("Ann asks to take a move back.")
    await table.black.press("accept-takeback")
    table.board.pop()
    await table.play("Nf3", "Nc6")


async def test_a_rematch_swaps_colours_and_keeps_the_score(seat: Seat) -> None:
    table = await seat()
    ann, bob = table.white, table.black
    await table.play("f3", "e5", "g4", "Qh4#")
    await table.result("Black wins", "Checkmate")
    await ann.press("rematch")
    await expect(bob.see("offer-rematch")).to_contain_text("Ann offers a rematch.")
    await bob.press("accept-rematch")
    rematch = Table(bob, ann, table.link)
    await rematch.play("d4", "d5")
    for visitor in (ann, bob):
        await expect(visitor.see("result")).to_have_count(0)
        await expect(visitor.see("player-white")).to_contain_text(re.compile("Bob.*1"))
        await expect(visitor.see("player-black")).to_contain_text(re.compile("Ann.*0"))
    await expect(visitor.page.locator(".orientation-white").first).to_be_visible()
    assert len(ann.sockets) == len(bob.sockets) == 1


async def test_markup_in_names_and_chat_stays_text(invite: Invite, server: Server) -> None:
    ann, bob, eve = await invite("<b>Ann</b><img src=x onerror=1>"), await invite("</title><script>"), await invite()
    link = await ann.host(server.url)
    await bob.page.goto(link)
    await expect(bob.see("join")).to_contain_text(f"{ann.name} invites you")
    await bob.join(link)
    await eve.page.goto(link)
    await ann.see("chat-input").fill(MARKUP)
    await ann.press("chat-send")
    for visitor in (ann, bob, eve):
        await expect(visitor.see("chat")).to_contain_text(f"{ann.name} {MARKUP}")
        await expect(visitor.see("player-white")).to_contain_text(ann.name)
        await expect(visitor.see("player-black")).to_contain_text(bob.name)
        assert await visitor.page.locator("img, [data-testid=game] script, .chat-lines b b").count() == 0
    assert await ann.see("chat-input").input_value() == ""


async def test_the_king_castles_onto_its_rook_in_chess960(seat: Seat) -> None:
    fen = "rnbqnkrb/pppppppp/8/8/8/8/PPPPPPPP/RNBQNKRB w KQkq - 0 1"     # both may castle at once
    table = await seat(variant="chess960", fen=fen)
    table.board = chess.Board(fen, chess960=True)
    await expect(table.white.page.get_by_text("Chess960")).to_be_visible()
    await table.play("O-O", "O-O", "Nd3", "e5")
    assert (await table.white.heard("move"))[0]["uci"] == "f1g1"


async def test_clocks_tick_and_the_flag_ends_the_game(seat: Seat) -> None:
    table = await seat(time="0.1+0", first_move_s=90)
    clocks = [visitor.see("clock-white") for visitor in table.everyone]
    for clock in clocks:
        await expect(clock).to_have_text(re.compile(r"^0:06\.0$"))
    await table.play("e4")
    ticking = asyncio.gather(*(expect(clock).to_have_text(re.compile(r"^0:0[1-5]\.\d$")) for clock in clocks))
    await table.play("e5")
    await ticking
    await expect(table.white.see("clock-black")).to_have_text("0:06.0")
    for clock in clocks:
        await expect(clock).to_have_text("0:00.0")
    await table.result("Black wins", "White ran out of time", "0 – 1")


async def test_an_opponent_who_leaves_is_waited_for_by_the_second(seat: Seat) -> None:
    table = await seat(time="5+3")
    await table.play("e4", "e5")
    ann, bob = table.white, table.black
    await bob.page.close()
    await expect(ann.see("absence")).to_have_text(re.compile(r"^Bob left\. They lose in \d+ s\.$"))
    first = await ann.see("absence").inner_text()
    await expect(ann.see("absence")).not_to_have_text(first)
    bob.page = await bob.context.new_page()
    await bob.page.goto(table.link)
    await expect(ann.see("absence")).to_have_count(0)
    await table.play("Nf3", "Nc6")


async def test_an_opponent_who_stays_away_loses(seat: Seat) -> None:
    table = await seat(grace_s=1)
    await table.play("e4", "e5")
    await table.black.page.close()
    await expect(table.white.see("result")).to_contain_text("Black left the game")
    table.black.page = await table.black.context.new_page()
    await table.black.page.goto(table.link)
    await table.result("White wins", "Black left the game", "The room has closed")
    await table.all_see()
