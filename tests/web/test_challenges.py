"""Names and challenges in the browser: on every device of a person, and gone from all when one answers."""

import asyncio
import re
import secrets
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.system.accounts import client, made
from tests.system.process import Server
from tests.web.conftest import Invite
from tests.web.visitor import Table, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


async def registered(visitor: Visitor, url: str) -> str:
    """Takes a name on the first page, and signs in by that; the account's key."""
    visitor.name = f"{visitor.name}-{secrets.token_hex(3)}"
    await visitor.page.goto(url)
    await visitor.press("account")
    await visitor.see("account-name").fill(visitor.name)
    await visitor.press("account-create")
    key = await visitor.see("account-dialog").get_by_label("Key of your account").input_value()
    await visitor.press("key-kept")
    await expect(visitor.see("account")).to_have_text(visitor.name)
    return key


async def signed_in(visitor: Visitor, url: str, key: str, name: str) -> None:
    await visitor.page.goto(url)
    await visitor.press("account")
    await visitor.see("account-key").fill(key)
    await visitor.press("account-sign-in")
    await expect(visitor.see("account")).to_have_text(name)
    visitor.name = name


async def is_followed(*visitors: Visitor) -> None:
    """Their streams have begun."""
    for visitor in visitors:
        await expect(visitor.see("own-games")).not_to_contain_text("Connecting")


async def challenged(visitor: Visitor, name: str, color: str = "White") -> None:
    """Challenges the player of that name on the first page."""
    await visitor.choose("By name")
    await visitor.choose("5+3")
    await visitor.choose(color)
    await visitor.see("player").fill(name)
    await visitor.press("create")
    await expect(visitor.see("challenge-out")).to_contain_text(f"Waiting for {name}")


async def test_a_challenge_is_on_both_devices_and_the_one_that_accepts_plays(invite: Invite, server: Server) -> None:
    ann, laptop, phone = await invite("Ann"), await invite("Bob"), await invite("Bob", **PHONE)
    await registered(ann, server.url)
    key = await registered(laptop, server.url)
    await signed_in(phone, server.url, key, laptop.name)
    await is_followed(ann, laptop, phone)
    await challenged(ann, laptop.name)
    for device in (laptop, phone):
        await expect(device.see("challenge-in")).to_contain_text(f"{ann.name} challenges you")
        await expect(device.see("challenge-in")).to_contain_text("5+3 · Blitz · you play Black")
        await device.does_not_scroll_sideways()
    await phone.press("accept")
    await expect(laptop.see("challenge-in")).to_have_count(0)
    table = Table(ann, phone, "", hands={True: "drag", False: "tap"})     # who challenged goes there by itself
    await table.play("e4", "e5")
    await expect(laptop.see("own-game")).to_contain_text(ann.name)
    await laptop.press("own-game")
    await expect(phone.see("ended")).to_contain_text("open in another tab")
    table.black, table.hands[False] = laptop, "click"
    await table.play("Nf3", "Nc6")
    await ann.press("resign")
    await ann.press("confirm-yes")
    await expect(laptop.see("result")).to_contain_text("White resigned")
    await laptop.page.goto(server.url)
    await expect(laptop.see("own-games")).to_contain_text("None at the moment")


async def test_a_challenge_that_is_declined_vanishes_everywhere_and_the_challenger_is_told(
    invite: Invite, server: Server
) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    await registered(ann, server.url)
    await registered(bob, server.url)
    await is_followed(ann, bob)
    await bob.page.goto(f"{server.url}/games")      # it is on every page
    await challenged(ann, bob.name)
    await bob.press("decline")
    await expect(bob.see("challenge-in")).to_have_count(0)
    await expect(ann.see("challenge-answered")).to_contain_text(f"{bob.name} has declined")
    await expect(ann.see("challenge-out")).to_have_count(0)
    await ann.press(ann.see("challenge-answered").get_by_role("button", name="Close"))
    await expect(ann.see("challenge-answered")).to_have_count(0)


async def test_a_challenge_can_be_taken_back(invite: Invite, server: Server) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    await registered(ann, server.url)
    await registered(bob, server.url)
    await is_followed(bob)
    await challenged(ann, bob.name)
    await expect(bob.see("challenge-in")).to_be_visible()
    await ann.press("cancel")
    for visitor in (ann, bob):
        await expect(visitor.see("challenges")).to_have_text("")


async def test_a_bot_of_the_lichess_world_challenges_a_person_and_they_play(invite: Invite, server: Server) -> None:
    bob = await invite("Bob")
    await registered(bob, server.url)
    await is_followed(bob)
    _, token = made(server, bot=True)
    bot = client(server, token)
    wish: dict[str, Any] = {"rated": False, "clock_limit": 300, "clock_increment": 3, "color": "white"}
    created = await asyncio.to_thread(bot.challenges.create, bob.name, **wish)
    await expect(bob.see("challenge-in")).to_contain_text("BOT")
    await bob.press("accept")
    await expect(bob.see("board")).to_be_visible()
    await asyncio.to_thread(bot.bots.make_move, created["id"], "e2e4")
    await expect(bob.see("turn")).to_have_text("Your move")
    await bob.carry("e7", "e5", "drag")
    await expect(bob.see("turn")).to_contain_text("to move")
    await expect(bob.see("moves")).to_contain_text("e5")
    await asyncio.to_thread(bot.bots.resign_game, created["id"])
    await expect(bob.see("result")).to_contain_text("Black wins")


async def test_guests_are_told_that_challenges_need_a_name(invite: Invite, server: Server) -> None:
    ann = await invite("Ann")
    await ann.page.goto(server.url)
    await ann.choose("By name")
    await expect(ann.see("create")).to_be_disabled()
    await ann.press("sign-in-first")
    await expect(ann.see("account-dialog")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await expect(ann.see("account-dialog")).to_have_count(0)


async def test_a_press_while_the_page_is_still_loading_opens_the_dialog_for_good(
    invite: Invite, server: Server
) -> None:
    ann = await invite("Ann")
    loading = asyncio.Event()

    async def late(route: Route) -> None:
        await loading.wait()
        await route.continue_()

    await ann.page.route(re.compile("/assets/Home-"), late)
    await ann.page.goto(server.url, wait_until="commit")
    await ann.press("account")
    await expect(ann.see("account-dialog")).to_be_visible()
    loading.set()
    await expect(ann.see("create-form")).to_be_visible()
    await expect(ann.see("account-dialog")).to_be_visible()
    await ann.page.unroute_all()


async def test_a_name_that_cannot_be_or_is_taken_is_refused_with_a_sentence(invite: Invite, server: Server) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    for visitor in (ann, bob):
        visitor.foresees("status of (409|422|401|404)")
    await registered(ann, server.url)
    await bob.page.goto(server.url)
    await bob.press("account")
    dialog = bob.see("account-dialog")
    for name, sentence in ((ann.name.upper(), "already an account"), ("<b>bold", "letters, digits")):
        await bob.see("account-name").fill(name)
        await bob.press("account-create")
        await expect(dialog.get_by_role("alert")).to_contain_text(sentence)
    await bob.see("account-key").fill("acct_" + "x" * 32)
    await bob.press("account-sign-in")
    await expect(dialog.get_by_role("alert")).to_contain_text("No account has this key")
    await ann.choose("By name")
    await ann.see("player").fill("nobody-of-this-name")
    await ann.press("create")
    await expect(ann.see("create-form")).to_contain_text("There is no player of that name")


async def test_who_signs_out_is_a_guest_in_all_tabs_and_the_name_of_a_revoked_key_is_forgotten(
    invite: Invite, server: Server
) -> None:
    ann = await invite("Ann")
    ann.foresees("status of 401")
    key = await registered(ann, server.url)
    other = await ann.context.new_page()
    await other.goto(f"{server.url}/games")
    await expect(other.get_by_test_id("account")).to_have_text(ann.name)
    await ann.press("account")
    await ann.press("sign-out")
    for page in (ann.page, other):
        await expect(page.get_by_test_id("account")).to_have_text("Sign in")
    await other.close()
    await ann.press(ann.see("account-dialog").get_by_role("button", name="Close"))
    await signed_in(ann, server.url, key, ann.name)
    await ann.context.clear_cookies()
    await ann.page.reload()
    await expect(ann.see("account")).to_have_text("Sign in")


async def test_another_device_is_given_a_key_of_its_own(invite: Invite, server: Server) -> None:
    ann, phone = await invite("Ann"), await invite("Ann", **PHONE)
    first = await registered(ann, server.url)
    await ann.press("account")
    await ann.press("another-key")
    await expect(ann.see("key-kept")).to_be_visible()
    await ann.page.mouse.click(5, 400)      # what is shown this once does not go by a press beside it
    key = await ann.see("account-dialog").get_by_label("Key of your account").input_value()
    assert re.fullmatch(r"acct_[\w-]{32}", key)
    assert key != first
    await signed_in(phone, server.url, key, ann.name)
