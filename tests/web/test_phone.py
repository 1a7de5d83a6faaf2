"""A phone held upright."""

import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Table

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
LONG = "W" * 32


async def test_two_phones_play_with_the_finger(invite: Invite, server: Server) -> None:
    ann, bob = await invite(LONG, **PHONE), await invite("Bob", **PHONE)
    await ann.page.goto(server.url)
    await ann.does_not_scroll_sideways()
    link = await ann.host(server.url, time="10+5")
    await ann.does_not_scroll_sideways()
    await bob.page.goto(link)
    await expect(bob.see("join")).to_contain_text(LONG)
    await bob.does_not_scroll_sideways()
    await bob.join(link)
    table = Table(ann, bob, link, hands={True: "swipe", False: "tap"})
    await table.play("f3", "e5", "g4")
    for visitor in table.everyone:
        await visitor.does_not_scroll_sideways()
        assert await visitor.page.evaluate("() => scrollY") == 0, "a finger on the board moves a piece, not the page"
        for testid in ("player-white", "player-black", "board"):
            await expect(visitor.see(testid)).to_be_in_viewport(ratio=0.99)
    await ann.see("chat-input").fill("W" * 280)
    await ann.press("chat-send")
    await expect(bob.see("chat")).to_contain_text(LONG)
    await table.play("Qh4#")
    await table.result("Black wins", "Checkmate")
    for visitor in table.everyone:
        await visitor.does_not_scroll_sideways()
        await visitor.page.evaluate("() => scrollTo(0, 0)")
        await expect(visitor.see("rematch")).to_be_in_viewport(ratio=0.99)


async def test_a_phone_on_its_side_shows_all_parts_apart(invite: Invite, seat: Seat) -> None:
    table = await seat()
    await table.play("f3", "e5", "g4", "Qh4#")
    eve = await invite(**PHONE | {"viewport": {"width": 740, "height": 360}})
    await eve.page.goto(table.link)
    await eve.sees(table.board)
    await eve.does_not_scroll_sideways()
    boxes = [await eve.see(testid).bounding_box() for testid in ("result", "moves")]
    (top, bottom), (other_top, other_bottom) = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert bottom <= other_top or other_bottom <= top, "the result and the moves lie over each other"


async def test_a_pawn_promotes_under_the_finger(invite: Invite, server: Server) -> None:
    ann, bob = await invite("Ann", **PHONE), await invite("Bob", **PHONE)
    fen = "7k/P7/8/8/8/8/p6K/8 b - - 0 40"
    link = await ann.host(server.url, fen=fen)
    await bob.join(link)
    table = Table(ann, bob, link, hands={True: "tap", False: "swipe"})
    table.board.set_fen(fen)
    await table.play("a1=R", "a8=N")
