"""Light and dark, calm, and under the policy: what holds on every page."""

from typing import Final

import pytest
from playwright.async_api import Response, expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUND: Final = "() => getComputedStyle(document.body).backgroundColor"
# The colours at the first paint of all: the script that applies the choice has run before there is a body.
AT_FIRST: Final = """() => {
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    window.themeAtFirst = document.documentElement.dataset.theme ?? 'system';
    observer.disconnect();
  }).observe(document, {childList: true, subtree: true});
}"""
MOTION: Final = """() => [...document.querySelectorAll('*')].map(element => getComputedStyle(element)).filter(
  style => parseFloat(style.transitionDuration) > 0.001
    || (style.animationName !== 'none' && parseFloat(style.animationDuration) > 0.001)).length"""


async def ground(visitor: Visitor) -> str:
    return str(await visitor.page.evaluate(GROUND))


async def test_light_or_dark_is_the_system_s_or_a_choice_that_is_kept(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    page = ann.page
    await page.emulate_media(color_scheme="light")
    await page.goto(server.url)
    light = await ground(ann)
    await page.emulate_media(color_scheme="dark")
    dark = await ground(ann)
    assert light != dark, "it follows the system"

    switch = ann.see("theme")
    for scheme, first in (("light", "dark"), ("dark", "light")):      # the first step is always one to be seen
        await page.emulate_media(color_scheme=scheme)
        await expect(switch).to_have_attribute("aria-label", f"Colours: as the system. Change to: {first}")
    await switch.click()
    assert await ground(ann) == light
    await switch.click()
    await page.emulate_media(color_scheme="light")
    assert await ground(ann) == dark, "the choice wins"

    other = await ann.context.new_page()
    await other.add_init_script(f"({AT_FIRST})()")
    for path in ("/docs", "/"):
        await other.goto(server.url + path)
        assert await other.evaluate("() => window.themeAtFirst") == "dark", path
        assert await other.evaluate(GROUND) == dark, path
    for _ in range(2):      # by the other one back to the system's
        await other.get_by_test_id("theme").click()
    await expect(switch).to_have_attribute("data-theme-choice", "system")
    assert await ground(ann) == light
    await page.emulate_media(color_scheme=None)


async def test_nothing_moves_for_those_who_want_no_motion(seat: Seat, invite: Invite, server: Server) -> None:
    table = await seat(public=True)
    ann, eve = table.white, await invite("Eve")
    for visitor in (ann, eve):
        await visitor.page.emulate_media(reduced_motion="reduce")
    await table.play("e4")
    room_id = table.link.rpartition("/")[2]
    assert await ann.page.evaluate(MOTION) == 0
    for path in ("/", f"/compare/{room_id}", "/docs"):
        await eve.page.goto(server.url + path)
        await expect(eve.page.locator("h1")).to_be_visible()
        assert await eve.page.evaluate(MOTION) == 0, path
    for visitor in (ann, eve):
        await visitor.page.emulate_media(reduced_motion=None)


async def test_every_page_keeps_to_its_policy_and_asks_no_other_server(
    seat: Seat, invite: Invite, server: Server
) -> None:
    """What violates the policy is an error in the console, which fails any test."""
    table = await seat(public=True)
    await table.play("f3", "e5", "g4", "Qh4#")
    await table.result("Black wins")
    room_id = table.link.rpartition("/")[2]
    game_id = (await table.white.heard("game_over"))[0]["game_id"]
    eve = await invite("Eve")
    eve.foresees(r"status of 404")
    for path in (
        "/",
        f"/room/{room_id}",
        f"/embed/{room_id}",
        f"/game/{game_id}",
        "/compare",
        f"/compare/{room_id}",
        "/docs",
        "/nowhere",
        "/room/there-is-none",
    ):
        answer: Response | None = await eve.page.goto(server.url + path, wait_until="load")
        assert answer
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        await expect(eve.page.locator("h1, [data-testid=board]").first).to_be_visible()
    asked = {*eve.requested, *(socket.url for socket in eve.sockets)}
    outside = {url for url in asked if not url.startswith((f"{server.url}/", f"{server.ws_url}/", "data:"))}
    assert not outside
    assert any(url.startswith(server.ws_url) for url in asked)
