"""What the first page knows of who was here before: a guest's own games, and how a game was last created."""

import re
from typing import Any, Final

import httpx
import pytest
from playwright.async_api import Locator, Route, expect

from game_server.client import join
from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.test_challenges import registered
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: Final = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FLIP: Final = """state => {
  Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
BACK: Final = "() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"

# Whether the games stood there when the form first did.
AT_FIRST: Final = """() => new MutationObserver((_, observer) => {
  if (!document.querySelector('[data-testid=create]')) return;
  window.gamesAtFirst = document.querySelector('[data-testid=own-games]') !== null;
  observer.disconnect();
}).observe(document, {childList: true, subtree: true})"""


def room_of(table: Table) -> str:
    return table.link.rpartition("/")[2]


def own(visitor: Visitor, room_id: str) -> Locator:
    return visitor.page.locator(f'[data-testid="own-game"][data-room="{room_id}"]')


async def goes_home(visitor: Visitor) -> None:
    """By the link that stands on every page, so without loading anew."""
    await visitor.press(visitor.page.get_by_role("link", name="Tabiya"))
    await expect(visitor.see("create")).to_be_visible()


async def has_no_games(visitor: Visitor) -> None:
    """Now that the page is complete: what comes last stands there."""
    await expect(visitor.page.get_by_role("heading", name="Finished games")).to_be_visible()
    await visitor.page.wait_for_load_state("load")
    await expect(visitor.see("own-games")).to_have_count(0)


def asked(visitor: Visitor) -> list[str]:
    """The rooms that the page has asked for by themselves."""
    return [url.rpartition("/")[2] for url in visitor.requested if re.search(r"/rooms/[\w-]+$", url)]


@pytest.mark.parametrize("profile", [{}, PHONE], ids=["desk", "phone"])
async def test_a_guest_finds_the_way_back_to_a_running_game(invite: Invite, server: Server, profile: Any) -> None:
    ann, bob, eve = await invite("Ann", **profile), await invite("Bob"), await invite("Eve")
    link = await ann.host(server.url, time="5+3", color="Black")
    await bob.join(link)
    table = Table(bob, ann, link, hands={True: "drag", False: "tap" if profile else "click"})
    await table.play("e4")
    await goes_home(ann)
    await expect(own(ann, room_of(table))).to_contain_text("Bob")
    await expect(own(ann, room_of(table))).to_contain_text("Your move")
    await expect(ann.see("own-games").get_by_role("heading")).to_have_text("Your games")
    await expect(ann.see("own-games")).to_be_in_viewport()
    await ann.does_not_scroll_sideways()
    await eve.page.goto(server.url)
    await has_no_games(eve)
    await ann.press(own(ann, room_of(table)))
    await table.play("e5", "Nf3", "Nc6")
    await goes_home(ann)
    await expect(own(ann, room_of(table))).to_contain_text(re.compile(r"Waiting$"))
    await ann.page.reload()
    await expect(own(ann, room_of(table))).to_contain_text(re.compile(r"Waiting$"))


async def test_the_own_side_of_the_board_follows_the_colours_of_a_rematch(seat: Seat, server: Server) -> None:
    table = await seat(time="5+3")
    ann, bob = table.white, table.black
    await table.play("f3", "e5", "g4", "Qh4#")
    await goes_home(ann)
    await has_no_games(ann)
    await ann.page.goto(table.link)
    await ann.press("rematch")
    await bob.press("accept-rematch")
    again = Table(bob, ann, table.link)
    await again.play("d4")
    await goes_home(ann)
    await expect(own(ann, room_of(table))).to_contain_text("Your move")
    # Black's king is seen on the lowest row, left of the middle.
    king = own(ann, room_of(table)).locator("piece.king.black")
    await expect(king).to_have_attribute("style", re.compile(r"translate\(300%, 700%\)"))


async def test_of_a_seat_that_an_earlier_version_has_stored_the_game_is_shown_without_a_side(
    seat: Seat, server: Server
) -> None:
    table = await seat(time="5+3")
    await table.play("e4")
    bob, room_id = table.black, room_of(table)
    await bob.page.evaluate(
        "key => localStorage.setItem(key, localStorage.getItem(key).split(' ', 2).join(' '))", f"tabiya.seat.{room_id}"
    )
    await goes_home(bob)
    await expect(own(bob, room_id)).to_contain_text(re.compile(r"Ann – BobBeing played$"))
    king = own(bob, room_id).locator("piece.king.white")
    await expect(king).to_have_attribute("style", re.compile(r"translate\(400%, 700%\)"))
    await bob.press(own(bob, room_id))
    await table.play("e5")
    await goes_home(bob)
    await expect(own(bob, room_id)).to_contain_text(re.compile(r"AnnWaiting$"))


async def test_a_room_that_waits_leads_back_to_its_invite_link(invite: Invite, seat: Seat, server: Server) -> None:
    table = await seat()
    await table.all_see()
    ann = table.white
    link = await ann.host(server.url, time="10+5")
    await goes_home(ann)
    games = ann.see("own-game")
    await expect(games).to_have_count(2)
    await expect(games.first).to_contain_text(re.compile(r"BobYour move$"))     # games that run come first
    await expect(games.last).to_contain_text(re.compile(r"10\+5 · RapidWaiting for an opponent$"))
    await ann.press(games.last)
    await expect(ann.see("invite-link")).to_have_value(link)


async def test_a_game_that_ended_meanwhile_is_gone_when_the_page_is_seen_again(
    invite: Invite, server: Server
) -> None:
    ann = await invite("Ann")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        room = (await http.post("/rooms", json={"color": "white", "name": "Ann"})).json()
        other = (await http.post(f"/rooms/{room['room_id']}/seats", json={"name": "Bob"})).json()
    await ann.remember(room["room_id"], room["token"])
    await ann.page.goto(server.url)
    await expect(own(ann, room["room_id"])).to_be_visible()
    await ann.page.evaluate(FLIP, "hidden")
    async with join(room["url"], token=other["token"]) as bob:
        await bob.resign()
    assert asked(ann) == [room["room_id"]]
    await ann.page.evaluate(FLIP, "visible")
    await expect(ann.see("own-games")).to_have_count(0)
    async with ann.page.expect_request(f"**/rooms/{room['room_id']}"):
        await ann.page.evaluate(BACK)
    assert len(asked(ann)) == 3
    await ann.page.evaluate("() => { delete document.visibilityState; }")


async def test_few_seats_are_asked_about_once_and_what_cannot_be_told_is_left_out(
    invite: Invite, server: Server
) -> None:
    ann = await invite("Ann")
    ann.foresees("status of 404", "net::ERR_FAILED")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        rooms = [(await http.post("/rooms", json={"time": "5+3"})).json() for _ in range(6)]
    ids = [room["room_id"] for room in rooms]
    entries = [[f"tabiya.seat.{room['room_id']}", f"{room['token']} {at}"] for at, room in enumerate(rooms)]
    entries.append(["tabiya.seat.no-such-room", "secretsecretsecretsecret 99"])
    await ann.page.evaluate("entries => { for (const [key, value] of entries) localStorage[key] = value; }", entries)

    async def fail(route: Route) -> None:
        await route.abort()

    await ann.page.route(f"**/rooms/{ids[5]}", fail)
    await ann.page.goto(server.url)
    await expect(ann.see("own-game")).to_have_count(4)
    assert sorted(asked(ann)) == sorted([*ids[1:], "no-such-room"])
    await ann.page.unroute(f"**/rooms/{ids[5]}")


async def test_a_player_sees_what_spectators_are_shown_later(seat: Seat, server: Server) -> None:
    table = await seat(time="5+3", spectator_delay_s=60)
    await table.play("e4")
    await goes_home(table.black)
    await expect(own(table.black, room_of(table))).to_contain_text(re.compile(r"AnnYour move$"))


async def test_the_games_of_an_account_are_not_the_guest_s_who_comes_after_it(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    await registered(ann, server.url)
    await ann.press("create")
    await expect(ann.see("invite")).to_be_visible()
    await goes_home(ann)
    await ann.press("account")
    await ann.press("sign-out")
    await expect(ann.see("account")).to_have_text("Sign in")
    await has_no_games(ann)
    await ann.page.reload()
    await has_no_games(ann)
    assert not asked(ann)


async def test_nothing_that_could_be_pressed_moves_when_the_games_come_but_the_form_does_not_wait_for_ever(
    seat: Seat, server: Server
) -> None:
    table = await seat(time="5+3")
    bob, room_id = table.black, room_of(table)
    await table.all_see()
    await bob.page.evaluate(AT_FIRST)
    await goes_home(bob)
    await expect(own(bob, room_id)).to_be_visible()
    assert await bob.page.evaluate("() => window.gamesAtFirst"), "they came together"
    held: list[Route] = []
    await bob.page.route(f"**/rooms/{room_id}", lambda route: held.append(route))
    await bob.page.reload()
    await expect(bob.see("create")).to_be_visible()
    await expect(own(bob, room_id)).to_have_count(0)
    await held[0].continue_()
    await expect(own(bob, room_id)).to_be_visible()
    await bob.page.unroute(f"**/rooms/{room_id}")


def chosen(visitor: Visitor, option: str) -> Locator:
    return visitor.page.get_by_role("radio", name=re.compile(rf"^{re.escape(option)}(?!\w)"))


async def test_the_form_begins_as_a_game_was_last_created(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    for _ in range(2):
        await ann.page.goto(server.url)     # what was only looked at is not remembered
        for option in ("A friend", "5+3", "Random", "Standard"):
            await expect(chosen(ann, option)).to_be_checked()
        await ann.choose("Anyone")
        await ann.choose("Custom")
        await ann.page.get_by_label("Minutes").fill("7")
        await ann.page.get_by_label("Increment").fill("4")
        await ann.choose("Black")
        await ann.choose("Chess960")
    await ann.press("create")
    await expect(ann.see("invite")).to_be_visible()
    await ann.page.goto(server.url)
    await ann.page.reload()
    for option in ("Anyone", "Custom", "Black", "Chess960"):
        await expect(chosen(ann, option)).to_be_checked()
    await expect(ann.page.get_by_label("Minutes")).to_have_value("7")
    await expect(ann.page.get_by_label("Increment")).to_have_value("4")
    await ann.press("create")
    await expect(ann.see("invite")).to_contain_text("7+4")


WORN: Final = '{"time": {"kind": "preset", "control": "0+0"}, "opponent": "__proto__", "color": 3, "level": 99}'


@pytest.mark.parametrize("stored", ["{", "[]", '"5+3"', WORN])
async def test_garbage_in_place_of_the_last_form_does_no_harm(invite: Invite, server: Server, stored: str) -> None:
    ann = await invite("Ann")
    await ann.page.evaluate("stored => localStorage.setItem('tabiya.newGame', stored)", stored)
    await ann.page.goto(server.url)
    for option in ("A friend", "5+3", "Random", "Standard"):
        await expect(chosen(ann, option)).to_be_checked()
    await ann.press("create")
    await expect(ann.see("invite")).to_contain_text("5+3")
