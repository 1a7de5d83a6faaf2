"""axe-core finds nothing serious on any page: in the light, in the dark, and on a phone."""

import json
from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.node import CLIENT, installed_npm
from tests.web.test_challenges import challenged, is_followed, registered
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE: Final = {"width": 1_280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
SERIOUS: Final = ("serious", "critical")
# Pages without end, or with pieces in flight, are looked at as they stand.
RUN: Final = """async rules => {
  const found = await axe.run(document, {
    resultTypes: ['violations'],
    ...(rules ? {runOnly: {type: 'rule', values: rules}} : {}),
  });
  return found.violations.map(({id, impact, nodes}) => ({
    id, impact, nodes: nodes.map(({html, failureSummary}) => `${html}: ${failureSummary}`),
  }));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    installed_npm()
    return (CLIENT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


class Examined:
    """What axe has found wrong, over all pages that were looked at."""

    def __init__(self, axe: str) -> None:
        self._axe = axe
        self.found: list[str] = []

    async def __call__(self, visitor: Visitor, what: str) -> None:
        """Looks at the page that is open. Both sizes are examined whole; dark differs from light in colours only."""
        page = visitor.page
        await page.evaluate(self._axe)
        for size, scheme, rules in (
            (WIDE, "light", None),
            (WIDE, "dark", ["color-contrast"]),
            (PHONE, "light", None),
            (PHONE, "dark", ["color-contrast"]),
        ):
            await page.set_viewport_size(size)
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            violations: list[dict[str, Any]] = await page.evaluate(RUN, rules)
            self.found += [
                f"{what}, {size['width']} px, {scheme}: {json.dumps(violation, indent=1)}"
                for violation in violations
                if violation["impact"] in SERIOUS
            ]
        await page.emulate_media(color_scheme=None, reduced_motion=None)
        await page.set_viewport_size(WIDE)


@pytest.fixture
def examine(axe: str) -> Examined:
    return Examined(axe)


async def test_the_pages_around_a_game(invite: Invite, server: Server, examine: Examined) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    await ann.page.goto(server.url)
    await expect(ann.see("create")).to_be_visible()
    await examine(ann, "home")
    link = await ann.host(server.url, time="5+3")
    await examine(ann, "waiting room")
    await bob.page.goto(link)
    await expect(bob.see("join")).to_be_visible()
    await examine(bob, "invitation")
    assert not examine.found, "\n".join(examine.found)


async def test_names_and_challenges(invite: Invite, server: Server, examine: Examined) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    await ann.page.goto(server.url)
    await ann.press("account")
    await expect(ann.see("account-name")).to_be_visible()
    await examine(ann, "the dialog to sign in")
    await registered(ann, server.url)
    await registered(bob, server.url)
    await is_followed(ann, bob)
    await challenged(ann, bob.name)
    await examine(ann, "home, challenging")
    await expect(bob.see("challenge-in")).to_be_visible()
    await examine(bob, "home, challenged")
    await bob.press("account")
    await bob.press("another-key")
    await expect(bob.see("key-kept")).to_be_visible()
    await examine(bob, "the dialog with a key")
    assert not examine.found, "\n".join(examine.found)


async def dialogs(visitor: Visitor, examine: Examined) -> None:
    for name in ("settings", "share"):
        await visitor.press(f"open-{name}")
        await expect(visitor.see(name)).to_be_visible()
        await examine(visitor, f"the dialog {name}")
        await visitor.press("close-dialog")


async def test_the_game_s_pages(seat: Seat, invite: Invite, server: Server, examine: Examined) -> None:
    table = await seat(time="5+3", public=True)
    await table.play("f3", "e5", "g4")
    eve = await invite("Eve")
    room_id = table.link.rpartition("/")[2]
    for path, what in ((f"/room/{room_id}", "watched"), (f"/embed/{room_id}", "embedded")):
        await eve.page.goto(server.url + path)
        await eve.sees(table.board)
        await examine(eve, what)
    await table.white.see("chat-input").fill("Good luck")
    await table.white.press("chat-send")
    await expect(table.black.see("chat")).to_contain_text("Good luck")
    await table.white.press("draw")
    await examine(table.white, "played, with a question open")
    await examine(table.black, "played")
    await dialogs(table.black, examine)
    await table.play("Qh4#")
    await table.result("Black wins")
    await examine(table.black, "finished")
    await table.black.press("continue")
    await examine(table.black, "the dialog to continue")
    await table.black.press("close-dialog")
    pgn = await table.black.page.evaluate("() => document.querySelector('a[href^=\"/games/\"]').getAttribute('href')")
    await eve.page.goto(server.url + pgn.replace("/games/", "/game/").removesuffix("/pgn"))
    await eve.sees(table.board)
    await examine(eve, "replay")
    await eve.page.goto(f"{server.url}/games")
    await expect(eve.see("finished-game").first).to_be_visible()
    await examine(eve, "finished games")
    assert not examine.found, "\n".join(examine.found)


async def test_the_other_pages(seat: Seat, invite: Invite, server: Server, examine: Examined) -> None:
    table = await seat(time="5+3", public=True)
    await table.play("e4")
    eve = await invite("Eve")
    eve.foresees(r"status of 404")
    room_id = table.link.rpartition("/")[2]
    for path, shown in (
        (f"/compare/{room_id}", "[data-link=live][data-testid=lane-websocket]"),
        ("/compare", ".compare-rooms"),
        ("/wall", ".wall-invitation"),
        ("/docs", "h1"),
        ("/nowhere", "[data-testid=message]"),
        ("/room/there-is-no-such-room", "[data-testid=message]"),
        ("/game/nosuchgame", "[data-testid=message]"),
    ):
        await eve.page.goto(server.url + path)
        await expect(eve.page.locator(shown)).to_be_visible()
        await examine(eve, path)
    assert not examine.found, "\n".join(examine.found)
