"""Spectators: over which feed they watch, and the page that compares the two."""

import re

import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import PATIENCE_MS, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


def asked_for(visitor: Visitor, part: str) -> list[str]:
    return [url for url in visitor.requested if part in url]


async def number(visitor: Visitor, testid: str) -> int:
    """The first number that the page shows there."""
    found = re.search(r"[\d,]+", await visitor.see(testid).inner_text())
    assert found, testid
    return int(found[0].replace(",", ""))


async def test_a_spectator_watches_over_sse_and_may_change_to_a_websocket(seat: Seat, invite: Invite) -> None:
    table = await seat()
    eve = await invite("Eve")
    await eve.page.goto(table.link)
    table.watchers.append(eve)
    await table.play("e4", "e5")
    await expect(eve.see("feed")).to_have_value("sse")
    assert asked_for(eve, "/sse/game/")
    assert not eve.sockets

    await eve.see("feed").select_option("websocket")
    await eve.is_linked()
    await table.play("Nf3")
    assert [socket.url.split("?")[0].rpartition("/ws/")[2].split("/")[0] for socket in eve.sockets] == ["watch"]
    assert "since=" in eve.sockets[0].url, "it goes on from where it was"
    assert [frame["san"] for frame in await eve.heard("move")] == ["Nf3"]

    await eve.page.reload()     # the choice is remembered
    await table.play("Nc6")
    await expect(eve.see("feed")).to_have_value("websocket")
    await eve.see("feed").select_option("sse")
    await eve.is_linked()
    await table.play("Bb5")
    assert eve.sockets[-1].is_closed()
    for player in (table.white, table.black):
        await expect(player.see("feed")).to_have_count(0)


async def test_both_feeds_are_compared_side_by_side(seat: Seat, invite: Invite) -> None:
    table = await seat(time="10+0")
    await table.play("e4")
    eve = await invite("Eve")
    await eve.page.goto(table.link)
    await eve.see("compare-link").click()
    for kind in ("sse", "websocket"):
        await expect(eve.see(f"lane-{kind}")).to_have_attribute("data-link", "live")
    await expect(eve.see("compare-clock")).to_contain_text("matched to within")
    await table.play("e5", "Nf3")
    for kind in ("sse", "websocket"):
        await expect(eve.see(f"{kind}-delay")).to_contain_text("(of 2)")
        assert await number(eve, f"{kind}-sent") > 1_000     # the head, the state, and what came since
        assert await number(eve, f"{kind}-received") > 100
    await expect(eve.see("arrivals")).to_contain_text("Nf3")
    for name in ("Server-sent events", "WebSocket"):
        lane = eve.page.get_by_role("region", name=name)
        await expect(lane.get_by_role("img", name="Board after Nf3")).to_be_visible()


async def test_what_a_reconnect_had_to_send_again_is_told_of_each_feed(seat: Seat, invite: Invite) -> None:
    table = await seat(time="10+0")
    await table.play("e4")
    eve = await invite("Eve")
    await eve.page.goto(table.link.replace("/room/", "/compare/"))
    for kind in ("sse", "websocket"):
        await expect(eve.see(f"{kind}-sent")).not_to_contain_text(re.compile(r"^0 B"))
        await eve.see(f"{kind}-cut").click()
        await expect(eve.see(f"lane-{kind}")).to_have_attribute("data-link", "cut")
    before = {kind: await number(eve, f"{kind}-sent") for kind in ("sse", "websocket")}
    await table.play("e5", "Nf3", "Nc6")
    for kind in ("sse", "websocket"):
        await eve.see(f"{kind}-cut").click()
        await expect(eve.see(f"{kind}-reconnects")).to_have_text("1")
        await expect(eve.see(f"{kind}-resent")).to_contain_text(re.compile(r"^[345] messages"))   # presence too
        resent = re.search(r"([\d,]+) B", await eve.see(f"{kind}-resent").inner_text())
        assert resent
        assert await number(eve, f"{kind}-sent") >= before[kind] + int(resent[1].replace(",", ""))
    for lane in await eve.page.get_by_role("img", name="Board after Nc6").all():
        await expect(lane).to_be_visible()


async def test_a_game_to_compare_on_is_chosen_from_the_public_ones_or_by_its_link(
    seat: Seat, invite: Invite, server: Server
) -> None:
    table = await seat(time="10+0", public=True)
    await table.play("e4")
    path = table.link.replace(server.url, "").replace("/room/", "/compare/")
    eve = await invite("Eve")
    await eve.page.goto(f"{server.url}/compare")
    await eve.see("compare-room").fill("no link")
    await eve.see("compare-go").click()
    await expect(eve.page.get_by_role("alert")).to_contain_text("no room’s link")
    await eve.see("compare-room").fill(table.link)
    await eve.see("compare-go").click()
    await eve.page.wait_for_url(f"**{path}", timeout=PATIENCE_MS)
    await eve.page.go_back()
    await eve.page.locator(f"a[href='{path}']").click()
    await expect(eve.see("lane-sse")).to_have_attribute("data-link", "live")


async def seconds(visitor: Visitor, testid: str) -> int:
    minutes, rest = (await visitor.see(testid).inner_text()).split(":")
    return 60 * int(minutes) + int(float(rest))


async def test_a_room_that_is_shown_late_says_so_and_its_clocks_are_of_then(seat: Seat, invite: Invite) -> None:
    late_s = 4
    table = await seat(time="10+0", spectator_delay_s=late_s)
    eve = await invite("Eve")
    await eve.page.goto(table.link)
    await expect(eve.see("spectators")).to_contain_text(f"watching, {late_s} s late")
    await table.play("e4", "e5")
    await expect(eve.see("moves").locator(".move")).to_have_count(2)
    for kind in ("sse", "websocket"):   # over one the server's time is guessed from stamps, over the other asked for
        await eve.see("feed").select_option(kind)
        await eve.is_linked()
        spent_s = await seconds(eve, "clock-white") - await seconds(table.white, "clock-white")
        assert late_s - 1 <= spent_s <= late_s + 1, kind
    await expect(table.white.see("spectators")).not_to_contain_text("late")
