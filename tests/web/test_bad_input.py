"""Links that lead nowhere, rooms that are full or over, servers that are down: each page says what to do."""

import asyncio

import httpx
import pytest
from playwright.async_api import Route, expect

from tests.cable import cable_to
from tests.system.conftest import Starter
from tests.system.process import Server
from tests.web.conftest import Invite, Seat

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/nowhere", "There is nothing here"),
        ("/room/two%20words", "There is nothing here"),
        ("/room/<b>bold", "There is nothing here"),
        (f"/room/{'x' * 65}", "There is nothing here"),
        ("/room/there-is-none", "There is no such room"),
        ("/embed/there-is-none", "There is no such room"),
        ("/compare/there-is-none", "There is no such room"),
        ("/game/there-is-none", "There is no such finished game"),
    ],
)
async def test_a_bad_link_leads_to_a_page_that_says_so(invite: Invite, server: Server, path: str, heading: str) -> None:
    eve = await invite("Eve")
    eve.foresees(r"status of 404", r"WebSocket connection to .* failed")
    await eve.page.goto(server.url + path)
    await expect(eve.page.get_by_role("heading", level=1)).to_have_text(heading)
    home = eve.see("message").get_by_role("link")
    await expect(home).to_have_text("Start a new game")
    await home.click()
    await expect(eve.see("create")).to_be_visible()


async def test_who_comes_to_a_full_room_watches_and_is_told_so(seat: Seat, invite: Invite) -> None:
    table = await seat()
    await table.play("e4")
    eve = await invite("Eve")
    await eve.page.goto(table.link)
    await eve.sees(table.board)
    await expect(eve.page.get_by_text("You are watching")).to_be_visible()
    await expect(eve.see("join")).to_have_count(0)


async def test_who_loses_the_race_for_the_last_seat_watches_and_is_told_so(invite: Invite, server: Server) -> None:
    ann, bob, eve = await invite("Ann"), await invite("Bob"), await invite("Eve")
    link = await ann.host(server.url)
    async with cable_to(server.port) as cable:
        await eve.page.goto(link.replace(server.url, cable.url))
        await expect(eve.see("join-button")).to_be_visible()
        cable.go_deaf()     # she does not see it coming
        await bob.join(link)
        await eve.press("join-button")
        cable.mend()
        await expect(eve.see("notice")).to_contain_text("Both seats are taken. You are watching.")
        await expect(eve.page.get_by_text("You are watching.").last).to_be_visible()
        await expect(eve.see("join")).to_have_count(0)
        await eve.page.goto(server.url)


async def test_a_room_that_nobody_came_to_says_that_it_has_closed(invite: Invite, starter: Starter) -> None:
    server = await asyncio.to_thread(starter("--idle-room-s", "0.2", "--invited-room-s", "0.2").start)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        room = (await http.post("/rooms", json={"name": "Ann"})).json()
        while (await http.get(f"/rooms/{room['room_id']}")).json()["status"] != "closed":
            await asyncio.sleep(0.05)
    eve = await invite("Eve")
    await eve.page.goto(room["url"])
    await expect(eve.page.get_by_role("heading", level=1)).to_have_text("This room has closed")
    await expect(eve.see("message").get_by_role("link")).to_have_text("Start a new game")


async def test_a_room_whose_game_is_long_over_still_shows_it(seat: Seat, invite: Invite) -> None:
    table = await seat(linger_s=0)
    await table.play("f3", "e5", "g4", "Qh4#")
    eve = await invite("Eve")
    await eve.page.goto(table.link)
    await eve.sees(table.board)
    await expect(eve.see("result")).to_contain_text("Black wins")


async def test_a_page_that_finds_no_server_says_so_and_heals_by_itself(seat: Seat, invite: Invite) -> None:
    """The document comes out of a cache, say, while the server behind it is down."""
    table = await seat()
    await table.play("e4")
    eve = await invite("Eve")
    eve.foresees_a_lost_network()

    async def refused(route: Route) -> None:
        await route.abort("connectionrefused")

    for pattern in ("**/sse/**", "**/rooms/**"):
        await eve.page.route(pattern, refused)
    await eve.page.goto(table.link)
    await expect(eve.page.get_by_role("heading", level=1)).to_have_text("The server cannot be reached")
    await expect(eve.see("message")).to_contain_text("tries again by itself")
    await expect(eve.see("retry")).to_be_visible()
    for pattern in ("**/sse/**", "**/rooms/**"):
        await eve.page.unroute(pattern, refused)
    await eve.sees(table.board)


async def test_a_finished_game_that_cannot_be_loaded_now_is_loaded_later(seat: Seat, invite: Invite) -> None:
    table = await seat()
    await table.play("f3", "e5", "g4", "Qh4#")
    await table.result("Black wins")
    game_id = (await table.white.heard("game_over"))[0]["game_id"]
    eve = await invite("Eve")
    eve.foresees_a_lost_network()
    await eve.page.route("**/games/**", lambda route: route.abort("connectionrefused"))
    await eve.page.goto(table.link.rpartition("/room/")[0] + f"/game/{game_id}")
    await expect(eve.page.get_by_role("heading", level=1)).to_have_text("The server cannot be reached")
    await eve.page.unroute("**/games/**")
    await eve.sees(table.board)
