"""A game is shared, shown on other pages, and continued from any of its positions when it is over."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.system.process import Server, free_port
from tests.web.conftest import Invite, Seat

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEEP_COPIES = "() => { navigator.clipboard.writeText = async text => { window.copied = text; }; }"


@asynccontextmanager
async def page_elsewhere(body: str) -> AsyncIterator[str]:
    """The address of a page with this body, of another origin than ours."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + body.encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", free_port()) as elsewhere:
        yield f"http://127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}/"


async def test_a_game_is_shared_embedded_and_copied(seat: Seat, invite: Invite, server: Server) -> None:
    table = await seat()
    await table.play("e4", "e5")
    ann = table.white
    await ann.page.evaluate(KEEP_COPIES)
    await ann.page.keyboard.press("ArrowLeft")
    await ann.press("open-share")
    await expect(ann.see("share-link")).to_have_value(table.link)
    await expect(ann.see("share-fen")).to_have_value("rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1")
    await expect(ann.see("share-pgn")).to_have_value(re.compile(r'\[White "Ann"\][\s\S]*1\. e4'))
    await ann.press("copy-share-pgn")
    await ann.page.wait_for_function("() => /1\\. e4 .*e5/s.test(window.copied)")
    snippet = await ann.see("share-embed").input_value()
    eve = await invite("Eve")
    async with page_elsewhere(snippet) as address:
        await eve.page.goto(address)
        framed = eve.page.frame_locator("iframe")
        await expect(framed.get_by_test_id("move-2")).to_have_text("e5")
        await expect(framed.get_by_test_id("player-white")).to_contain_text("Ann")


@pytest.mark.parametrize("page", ["room", "game"])
async def test_a_finished_game_continues_from_any_position(
    seat: Seat, invite: Invite, server: Server, page: str
) -> None:
    table = await seat(time="10+5")
    await table.play("f3", "e5", "g4", "Qh4#")
    ann = table.white
    if page == "game":
        [over] = await ann.heard("game_over")
        await ann.page.goto(f"{server.url}/game/{over['game_id']}")
    await ann.press("continue")
    await expect(ann.see("continue-friend")).to_be_disabled()      # after mate there is nothing to play
    await ann.press("close-dialog")
    await ann.page.keyboard.press("ArrowLeft")
    await ann.page.keyboard.press("ArrowLeft")
    await ann.press("continue")
    await expect(ann.see("continue-color")).to_have_value("white")
    await expect(ann.see("continue-time")).to_have_value("10+5")
    await ann.press("continue-friend")
    link = await ann.see("invite-link").input_value()
    cat = await invite("Cat")
    await cat.join(link)
    for visitor in (ann, cat):
        await expect(visitor.page.locator("[data-square=e5]")).to_have_accessible_name(re.compile("^e5, black pawn"))
    await ann.carry("g2", "g3", "drag")
    for visitor in (ann, cat):
        await expect(visitor.see("moves").get_by_role("button")).to_have_text(["g3"])


async def test_a_finished_game_continues_against_the_computer(seat: Seat, server: Server) -> None:
    table = await seat()
    await table.play("f3", "e5", "g4", "Qh4#")
    ann = table.white
    await ann.page.keyboard.press("Home")
    await ann.press("continue")
    if await ann.page.evaluate("async () => (await (await fetch('/computer')).json()).engine === null"):
        await expect(ann.see("continue-dialog")).to_contain_text("no chess engine")
        pytest.skip("needs a chess engine (Debian: apt-get install stockfish)")
    await ann.see("continue-level").select_option("1")
    await ann.press("continue-computer")
    await expect(ann.see("abort")).to_be_visible()
    await ann.carry("d2", "d4", "drag")
    await expect(ann.see("move-2")).to_be_visible()
