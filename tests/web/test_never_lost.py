"""Players and spectators through sleep, cuts and restarts: what they see meanwhile, and that they come back."""

import asyncio
from typing import Final

import pytest
from playwright.async_api import CDPSession, expect

from tests.cable import cable_to
from tests.system.conftest import Starter
from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.test_connection import MARK, was_not_reloaded
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOTH: Final = pytest.mark.parametrize("feed", ["sse", "websocket"])


async def watch(visitor: Visitor, link: str, feed: str) -> None:
    """Opens the room over that feed."""
    await visitor.page.evaluate("feed => localStorage.setItem('tabiya.feed', feed)", feed)
    await visitor.page.goto(link)
    await expect(visitor.see("feed")).to_have_value(feed)


async def set_lifecycle(visitor: Visitor, state: str) -> CDPSession:
    """`frozen` stops a page's timers and scripts, as a sleeping device does; `active` wakes it."""
    session = await visitor.context.new_cdp_session(visitor.page)
    await session.send("Page.setWebLifecycleState", {"state": state})
    return session


@BOTH
async def test_a_spectator_comes_back_after_a_cut(invite: Invite, server: Server, seat: Seat, feed: str) -> None:
    table = await seat()
    await table.play("e4")
    eve = await invite("Eve")
    eve.foresees_a_lost_network()
    async with cable_to(server.port) as cable:
        await eve.page.goto(f"{cable.url}/healthz")
        await watch(eve, table.link.replace(server.url, cable.url), feed)
        await eve.sees(table.board)
        await eve.page.evaluate(MARK)
        cable.cut()
        await eve.is_linked("lost")
        await table.play("e5", "Nf3")
        cable.mend()
        await eve.sees(table.board)
        await eve.is_linked()
        table.watchers.append(eve)
        await table.play("Nc6")
        await was_not_reloaded(eve)


@BOTH
async def test_a_spectator_finds_out_about_a_silent_loss(invite: Invite, server: Server, seat: Seat, feed: str) -> None:
    """Nothing is closed, and the browser notices nothing."""
    table = await seat()
    await table.play("e4")
    eve = await invite("Eve")
    eve.foresees_a_lost_network()
    async with cable_to(server.port) as cable:
        await eve.page.goto(f"{cable.url}/healthz")
        await watch(eve, table.link.replace(server.url, cable.url), feed)
        await eve.sees(table.board)
        await eve.is_linked()
        cable.go_dead()
        # What an awake device finds out for itself within 20 s (the client's own tests) it does at once when told.
        await eve.page.evaluate("() => dispatchEvent(new Event('online'))")
        await eve.is_linked("lost")
        await table.play("e5")
        cable.cut()
        cable.mend()
        await eve.sees(table.board)
        await eve.is_linked()


@BOTH
async def test_a_spectator_comes_back_to_a_server_that_was_restarted(
    invite: Invite, starter: Starter, feed: str
) -> None:
    server = await asyncio.to_thread(starter("--flicker-s", "0.2").start)
    ann, bob, eve = await invite("Ann"), await invite("Bob"), await invite("Eve")
    link = await ann.host(server.url, time="5+3")
    await bob.join(link)
    table = Table(ann, bob, link)
    await table.play("e4")
    await eve.page.goto(f"{server.url}/healthz")
    await watch(eve, link, feed)
    table.watchers.append(eve)
    await table.all_see()
    for visitor in table.everyone:
        visitor.foresees_a_lost_network()
        visitor.foresees(r"status of 503")
        await visitor.page.evaluate(MARK)
    for visitor in table.everyone:
        await visitor.is_linked()       # a page that was slowed down may just have doubted it, and will not be told
    await asyncio.to_thread(server.stop)
    for visitor in table.everyone:
        await visitor.is_linked("lost")
    await expect(ann.see("link")).to_contain_text("The game is safe")
    await asyncio.to_thread(server.start)
    await table.play("e5", "Nf3")
    await was_not_reloaded(*table.everyone)


async def test_a_page_that_slept_wakes_up_to_the_newest_position(invite: Invite, server: Server) -> None:
    """The network was gone while the device slept, so that the server has long given the connection up."""
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4")
        await ann.page.evaluate(MARK)
        session = await set_lifecycle(ann, "frozen")
        cable.go_dead()
        await bob.carry("e7", "e5", "click")
        table.board.push_san("e5")
        await bob.sees(table.board)
        cable.cut()
        cable.mend()
        await session.send("Page.setWebLifecycleState", {"state": "active"})
        await table.play("Nf3", "Nc6")
        await ann.is_linked()
        await was_not_reloaded(ann)
        await session.detach()


async def test_a_move_that_comes_too_late_is_visibly_given_back(invite: Invite, server: Server) -> None:
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4", "e5")
        cable.cut()
        await ann.is_linked("lost")
        await ann.carry("g1", "f3", "drag")
        await expect(ann.see("move-3")).to_have_attribute("data-pending", "true")
        await expect(ann.see("turn")).to_contain_text("Not confirmed")
        await bob.press("resign")
        await bob.press("confirm-yes")
        await expect(bob.see("result")).to_contain_text("White wins")
        cable.mend()
        await expect(ann.see("notice")).to_contain_text("Nf3 was taken back")
        await ann.sees(table.board)
        await ann.page.goto(server.url)


async def test_a_change_of_network_is_answered_at_once(invite: Invite, server: Server) -> None:
    """The old connection is neither closed nor carried on: half open."""
    async with cable_to(server.port) as cable:
        ann, bob = await invite("Ann"), await invite("Bob")
        ann.foresees_a_lost_network()
        await bob.join((await ann.host(cable.url)).replace(cable.url, server.url))
        table = Table(ann, bob, "")
        await table.play("e4", "e5")
        sockets = len(ann.sockets)
        cable.go_dead()
        await ann.page.evaluate("() => dispatchEvent(new Event('online'))")
        await ann.is_linked("lost")
        cable.cut()
        cable.mend()
        await table.play("Nf3")
        assert len(ann.sockets) > sockets
