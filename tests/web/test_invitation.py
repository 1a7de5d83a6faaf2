"""How the second player gets to the board, and what everybody finds who comes too late or to the wrong door."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import expect

from tests.system.conftest import Starter
from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ("/", "/wall", "/room/nowhere", "/game/nowhere", "/embed/nowhere", "/docs")


async def paste(visitor: Visitor, url: str) -> str:
    """What the clipboard holds."""
    await visitor.page.goto(url)
    await visitor.choose("From position")
    await visitor.see("fen").focus()
    await visitor.page.keyboard.press("Control+V")
    return await visitor.see("fen").input_value()


@pytest.mark.parametrize("host", ["127.0.0.1", "chess.test"])
async def test_the_link_is_copied(invite: Invite, server: Server, host: str) -> None:
    """On localhost through the clipboard's interface, which other hosts have on https only."""
    url = f"http://{host}:{server.port}/"
    ann = await invite("Ann")
    link = await ann.host(url, time="5+3")
    assert link == ann.page.url
    assert await ann.page.evaluate("() => isSecureContext") == (host == "127.0.0.1")
    await ann.press("copy")
    await expect(ann.see("copy")).to_have_text("Copied")
    await ann.page.bring_to_front()
    other = await ann.context.new_page()
    ann.page, page = other, ann.page
    assert await paste(ann, url) == link
    await page.close()


@pytest.mark.parametrize(("wishes", "time_control", "variant"), [
    ({"time": "15+10", "color": "Black", "variant": "Chess960"}, "15+10", "chess960"),
    ({"time": "0.5+1", "color": "Random"}, "0.5+1", "standard"),
    ({"time": "Correspondence", "color": "White", "fen": "4k3/8/8/8/8/8/P7/4K3 w - - 0 1"}, "3d", "standard"),
])
async def test_a_room_is_what_was_chosen(
    invite: Invite, server: Server, wishes: dict[str, str], time_control: str, variant: str
) -> None:
    ann = await invite("Ann")
    link = await ann.host(server.url, **wishes)
    room = await (await ann.page.request.get(link.replace("/room/", "/rooms/"))).json()
    assert (room["time_control"], room["variant"]) == (time_control, variant)
    assert room["options"]["fen"] == wishes.get("fen")
    color = wishes["color"].lower()
    seats = ("white", "black") if color == "random" else (color,)
    assert [room[seat]["name"] for seat in seats if room[seat]] == ["Ann"]


async def test_the_link_names_the_address_that_others_can_reach(invite: Invite, starter: Starter) -> None:
    server = starter()
    server.options = ("--origin", f"http://chess.test:{server.port}", "--flicker-s", "0")
    server.start()
    ann, bob = await invite("Ann"), await invite("Bob")
    link = await ann.host(server.url)
    assert link.startswith(f"http://chess.test:{server.port}/room/")
    qr = await ann.see("qr").locator("path").get_attribute("d")
    assert qr and qr.count("M") > 200
    await bob.join(link)
    for visitor in (ann, bob):
        await expect(visitor.see("turn")).to_have_text(re.compile("Your move|Ann to move"))


async def test_who_joins_late_watches(invite: Invite, seat: Seat) -> None:
    table = await seat()
    await table.play("e4")
    cat = await invite("Cat")
    await cat.page.goto(table.link)
    await expect(cat.see("actions")).to_contain_text("You are watching")
    await expect(cat.see("join")).to_have_count(0)
    await expect(cat.see("chat-input")).to_have_count(0)
    table.watchers.append(cat)
    await table.play("e5")
    await expect(table.white.see("spectators")).to_have_text("1 spectator")


async def test_whose_seat_is_gone_is_told_and_watches(invite: Invite, seat: Seat) -> None:
    """As somebody sees it who pressed Join a moment later than somebody else."""
    table = await seat()
    await table.play("e4")
    cat = await invite("Cat")
    await cat.remember(table.link.rpartition("/")[2], "C" * 32)
    await cat.page.goto(table.link)
    await expect(cat.see("notice")).to_contain_text("Both seats are taken")
    await expect(cat.see("actions")).to_contain_text("You are watching")
    table.watchers.append(cat)
    await table.play("e5")


@pytest.mark.parametrize("path", ["/room/nowhere", "/room/no%20room", "/game/nowhere", "/nowhere"])
async def test_a_wrong_address_says_so(invite: Invite, server: Server, path: str) -> None:
    ann = await invite("Ann")
    ann.foresees("status of 404")
    response = await ann.page.goto(server.url + path)
    assert response is not None
    if response.headers["content-type"].startswith("text/html"):
        await expect(ann.see("message")).to_contain_text("The link may be mistyped")
        await expect(ann.see("message").get_by_role("link", name="Start a new game")).to_be_visible()
    else:
        assert response.status == 404


async def test_a_room_that_has_closed_says_so(invite: Invite, starter: Starter) -> None:
    hasty, server = starter("--invited-room-s", "3").start(), starter("--linger-s", "0").start()
    ann, bob, cat = await invite("Ann"), await invite("Bob"), await invite("Cat")
    async with httpx.AsyncClient(base_url=hasty.url, trust_env=False) as http:
        room = (await http.post("/rooms", json={})).json()
        while (await http.get(f"/rooms/{room['room_id']}")).json()["status"] != "closed":
            await asyncio.sleep(0.1)
    await cat.page.goto(room["url"])
    await expect(cat.see("message")).to_contain_text("This room has closed")

    link = await ann.host(server.url)
    await bob.join(link)
    await ann.press("abort")
    await ann.press("confirm-yes")
    for visitor in (ann, bob):
        await expect(visitor.see("result")).to_contain_text("The room has closed")
    await cat.page.goto(link)
    await expect(cat.see("result")).to_contain_text("Game aborted")
    await expect(cat.see("result")).to_contain_text("The room has closed")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_no_script_but_its_own(invite: Invite, server: Server, path: str) -> None:
    ann = await invite("Ann")
    ann.foresees("status of 404", "violates the following Content Security Policy")
    response = await ann.page.goto(server.url + path)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert f"frame-ancestors {'*' if path.startswith('/embed') else chr(39) + 'none' + chr(39)}" in policy
    await ann.page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = 'document.title = "taken over"';
          document.body.append(script);
          document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="document.title = \\'taken over\\'">');
        }"""
    )
    await ann.page.wait_for_function("() => document.images.length > 0 && document.images[0].complete")
    assert await ann.page.title() != "taken over"
