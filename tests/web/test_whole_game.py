"""One game from the first page to the PGN, as two people and a visitor see it."""

import io

import chess
import chess.pgn
import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite
from tests.web.visitor import Table, Visitor, notation

pytestmark = pytest.mark.asyncio(loop_scope="session")

# White captures en passant, promotes with check and mates; both castle.
OPENING = ["e4", "Nf6", "e5", "d5", "exd6", "Nc6", "dxc7", "e5"]
MIDDLE = ["cxd8=Q+", "Nxd8", "Nf3", "Bc5", "Bc4", "O-O"]
END = ["O-O", "Nh5", "Ng5", "a6", "Qxh5", "a5", "Qxh7#"]


async def test_a_game_is_played_watched_and_downloaded(invite: Invite, server: Server) -> None:
    ann, bob, eve = await invite("Ann"), await invite("Bob"), await invite()
    link = await ann.host(server.url)
    await expect(ann.see("qr")).to_be_visible()
    await expect(ann.see("invite")).to_contain_text("You play White")
    await bob.join(link)
    table = Table(ann, bob, link)
    await table.play(*OPENING)

    await eve.page.goto(link)
    table.watchers.append(eve)
    await table.all_see()
    await promotion_can_be_thought_over(table)
    await table.play(*MIDDLE)
    await castling_is_offered(table)
    await eve.carry("e1", "g1", "drag")
    await eve.carry("g2", "g3", "click")
    await table.play(*END)

    await table.result("White wins", "Checkmate", "1 – 0")
    assert not eve.sockets
    assert any("/sse/game/" in url for url in eve.requested)
    for visitor in table.everyone:
        await expect(visitor.see("resign")).to_have_count(0)
        await expect(visitor.see("move-21")).to_be_in_viewport(ratio=0.99)     # not pushed out by the result
        assert await moves_of_the_download(visitor) == notation(table.board)
    await the_game_can_be_gone_through(table, f"{server.url}/game/{ann.frames('game_over')[0]['game_id']}")


async def promotion_can_be_thought_over(table: Table) -> None:
    await table.white.carry("c7", "d8", "drag")
    dialog = table.white.see("promotion")
    await expect(dialog.get_by_role("button")).to_have_count(4)
    await expect(dialog.get_by_role("button", name="Queen")).to_be_focused()
    await table.white.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await table.all_see()


async def castling_is_offered(table: Table) -> None:
    await table.white.touch("e1")
    wanted = {chess.square_name(move.to_square) for move in table.board.legal_moves if move.from_square == chess.E1}
    rook = {"h1"}   # players who are used to it castle by taking their own rook
    await table.white.sees(table.board, targets=sorted(wanted | rook))
    await table.white.touch("e1")
    await table.white.sees(table.board, targets=[])


async def the_game_can_be_gone_through(table: Table, address: str) -> None:
    eve = table.watchers[0]
    await eve.page.goto(address)
    await eve.sees(table.board)
    await expect(eve.see("result")).to_contain_text("White wins")
    earlier = table.board.copy()
    earlier.pop()
    await eve.page.keyboard.press("ArrowLeft")
    await eve.sees(earlier, moves=notation(table.board))
    await eve.see("moves").get_by_role("button", name="exd6", exact=True).click()
    while earlier.fullmove_number > 3 or earlier.turn == chess.WHITE:
        earlier.pop()
    await eve.sees(earlier, moves=notation(table.board))


async def moves_of_the_download(visitor: Visitor) -> list[str]:
    async with visitor.page.expect_download() as downloading:
        await visitor.press("pgn")
    download = await downloading.value
    assert download.suggested_filename.endswith(".pgn")
    game = chess.pgn.read_game(io.StringIO((await download.path()).read_text("utf-8")))
    assert game is not None
    assert not game.errors
    assert (game.headers["White"], game.headers["Black"], game.headers["Result"]) == ("Ann", "Bob", "1-0")
    return notation(game.end().board())
