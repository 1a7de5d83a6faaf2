"""Networks and servers that fail in the middle of a game, and pages that come back by themselves."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.cable import cable_to
from tests.system.conftest import Starter
from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARK = "() => { window.isSamePage = true; }"
IS_MARKED = "() => window.isSamePage === true"


async def was_not_reloaded(*visitors: Visitor) -> None:
    for visitor in visitors:
        assert await visitor.page.evaluate(IS_MARKED), f"{visitor.name}'s page was loaded anew"


async def test_reloading_keeps_the_seat(seat: Seat) -> None:
    table = await seat()
    await table.play("e4")
    for visitor in table.everyone:
        await visitor.page.reload()
    await table.play("e5")
    await table.black.page.goto("about:blank")
    await table.black.page.goto(table.link)
    await table.play("Nf3", "Nc6")
    await expect(table.black.see("player-black")).to_contain_text("Bob (you)")


async def test_a_move_made_without_a_network_arrives_once(invite: Invite, server: Server) -> None:
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4", "e5")
        await ann.page.evaluate(MARK)

        cable.go_dead()
        await ann.context.set_offline(True)
        await expect(ann.see("link")).to_contain_text("No network")
        await ann.carry("g1", "f3", "drag")
        move = table.board.parse_san("Nf3")
        await expect(ann.see("move-3")).to_have_attribute("data-pending", "true")
        await ann.is_linked("lost")
        await bob.sees(table.board)

        cable.cut()
        cable.mend()
        await ann.context.set_offline(False)
        table.board.push(move)
        await table.all_see()
        await ann.is_linked()
        await table.play("Nc6")
        await was_not_reloaded(ann)
        for visitor in (ann, bob):
            assert [frame["ply"] for frame in await visitor.heard("move", 4)] == [1, 2, 3, 4]


async def test_a_move_whose_answer_was_lost_is_not_doubled(invite: Invite, server: Server) -> None:
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4", "e5")
        await ann.page.evaluate(MARK)

        cable.go_deaf()
        await ann.carry("g1", "f3", "drag")
        table.board.push_san("Nf3")
        await bob.sees(table.board)
        await expect(ann.see("move-3")).to_have_attribute("data-pending", "true")
        cable.cut()
        await ann.is_linked("lost")
        cable.mend()

        await table.play("Nc6", "Bb5")
        await was_not_reloaded(ann)
        sent = [message["id"] for message in ann.sent if message["type"] == "move" and message["uci"] == "g1f3"]
        assert len(sent) == 2, "it was sent again"
        assert len(set(sent)) == 1, "under the same id"
        for visitor in (ann, bob):
            assert [frame["ply"] for frame in await visitor.heard("move", 5)] == [1, 2, 3, 4, 5]


async def test_a_silent_loss_is_noticed(invite: Invite, server: Server) -> None:
    """Nothing is closed and the browser says nothing: the page finds out by asking."""
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4")
        cable.go_dead()
        await bob.carry("e7", "e5", "click")
        table.board.push_san("e5")
        await ann.is_linked("lost")
        await expect(ann.see("link")).to_contain_text("Connection lost")
        cable.cut()
        cable.mend()
        await table.play("Nf3")


async def test_everyone_comes_back_to_a_server_that_was_killed(invite: Invite, starter: Starter) -> None:
    server = starter("--flicker-s", "0.2").start()
    ann, bob, eve = await invite("Ann"), await invite("Bob"), await invite()
    link = await ann.host(server.url, time="5+3")
    await bob.join(link)
    await eve.page.goto(link)
    table = Table(ann, bob, link, watchers=[eve])
    await table.play("e4", "c5", "Nf3", "d6")
    for visitor in table.everyone:
        visitor.foresees_a_lost_network()
        await visitor.page.evaluate(MARK)

    server.kill()
    for visitor in table.everyone:
        await visitor.is_linked("lost")
    await ann.carry("d2", "d4", "drag")     # while there is no server
    await expect(ann.see("move-5")).to_have_attribute("data-pending", "true")
    await asyncio.to_thread(server.start)

    table.board.push_san("d4")
    await table.all_see()
    for visitor in table.everyone:
        await visitor.is_linked()
    await table.play("cxd4", "Nxd4")
    await was_not_reloaded(*table.everyone)


async def test_the_newest_tab_plays(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "e5")
    ann = table.white
    older, ann.page = ann.page, await ann.context.new_page()
    await ann.page.goto(table.link)
    await table.play("Nf3", "Nc6")
    newer, ann.page = ann.page, older
    await older.bring_to_front()
    await expect(ann.see("ended")).to_contain_text("This game is open in another tab")
    for control in ("resign", "draw", "chat-input"):    # nothing to be done later, when the seat comes back
        await expect(ann.see(control)).to_have_count(0)
    await ann.see("reopen").click()
    await expect(ann.see("ended")).to_have_count(0)
    await table.play("Bb5", "a6")
    ann.page = newer
    await expect(ann.see("ended")).to_contain_text("This game is open in another tab")
