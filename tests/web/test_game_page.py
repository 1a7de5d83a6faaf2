"""What the page of a game tells, and what it lets one choose."""

import re

import chess
import pytest
from playwright.async_api import expect

from tests.system.process import Server
from tests.web.conftest import Invite, Seat
from tests.web.visitor import Visitor, notation

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT_TONES = """() => {
  window.tones = 0;
  const create = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.tones++; return create.call(this); };
}"""


async def switch(visitor: Visitor, name: str) -> None:
    await visitor.press("open-settings")
    await visitor.press(f"switch-{name}")
    await visitor.press("close-dialog")
    await expect(visitor.see("settings")).to_have_count(0)


async def tones(visitor: Visitor) -> int:
    count: int = await visitor.page.evaluate("() => window.tones")
    return count


async def test_moves_are_heard_until_sounds_are_switched_off(seat: Seat) -> None:
    table = await seat()
    ann, bob = table.white, table.black
    await table.all_see()
    for visitor in table.everyone:
        await visitor.page.evaluate(COUNT_TONES)
    await table.play("e4")
    assert await tones(ann) > 0
    await switch(ann, "sound")
    heard = await tones(ann)
    await table.play("e5", "Nf3")
    assert await tones(ann) == heard
    assert await tones(bob) > 0


async def test_the_past_is_gone_through_while_the_game_goes_on(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "e5", "Nf3")
    ann, keyboard = table.white, table.white.page.keyboard
    start, earlier = chess.Board(), table.board.copy()
    earlier.pop()
    await keyboard.press("ArrowLeft")
    await ann.sees(earlier, moves=notation(table.board))
    await keyboard.press("Home")
    await ann.sees(start, moves=notation(table.board))
    await table.black.carry("b8", "c6", "click")
    table.board.push_san("Nc6")
    await table.black.sees(table.board)
    await ann.sees(start, moves=notation(table.board))     # the reader is not torn away
    await ann.press("back-to-now")
    await ann.sees(table.board)
    await ann.page.mouse.move(*await ann.centre("e5"))
    await ann.page.mouse.wheel(0, -120)
    earlier = table.board.copy()
    earlier.pop()
    await ann.sees(earlier, moves=notation(table.board))
    await keyboard.press("End")
    await ann.sees(table.board)
    await keyboard.press("f")
    await expect(ann.page.locator(".orientation-black").first).to_be_visible()
    await keyboard.press("f")
    await table.play("Bb5")


async def test_what_was_captured_is_shown_with_the_difference(seat: Seat) -> None:
    table = await seat()
    await table.play("e4", "d5", "exd5", "Qxd5", "Nc3", "Qxg2", "Bxg2")
    for visitor in table.everyone:
        await expect(visitor.see("material-white")).to_have_accessible_name("Has more: queen; ahead by 8")
        await expect(visitor.see("material-black")).to_have_accessible_name("Has more: pawn")


async def test_low_time_is_marked_and_told(seat: Seat) -> None:
    table = await seat(time="0.2+0")
    await table.play("e4", "e5")
    ann, bob = table.white, table.black
    await expect(ann.see("clock-white")).to_have_class(re.compile("low"))
    await expect(ann.see("clock-white")).to_have_text(re.compile(r"^0:0\d\.\d$"))
    await expect(ann.see("announcer")).to_contain_text("Little time left")
    await expect(bob.see("announcer")).not_to_contain_text("Little time left")
    await bob.press("add-time")
    await expect(ann.see("notice")).to_contain_text("Bob gave you 15 seconds.")
    await expect(bob.see("notice")).to_contain_text("You gave Ann 15 seconds.")
    await expect(ann.see("clock-white")).not_to_have_class(re.compile("low"))


async def test_the_first_move_has_a_deadline_that_is_shown(seat: Seat) -> None:
    table = await seat(time="5+3", first_move_s=90)      # it runs already while the pages are loaded
    for visitor in table.everyone:
        line = visitor.see("first-move")
        await expect(line).to_have_text(re.compile(r"^\d\d? s to make the first move$"))
        first = await line.inner_text()
        await expect(line).not_to_have_text(first)


async def test_a_game_without_a_first_move_is_shown_to_be_aborted(seat: Seat) -> None:
    table = await seat(time="5+3", first_move_s=1)
    await table.result("Game aborted")


async def test_the_chat_can_be_switched_off(seat: Seat) -> None:
    table = await seat()
    ann, bob = table.white, table.black
    await ann.press("chat-switch")
    await expect(ann.see("chat-input")).to_have_count(0)
    await bob.see("chat-input").fill("hello?")
    await bob.press("chat-send")
    await expect(bob.see("chat")).to_contain_text("hello?")
    await table.play("e4")       # so that the line has reached Ann as well
    await expect(ann.see("chat")).not_to_contain_text("hello?")
    await ann.page.reload()
    await expect(ann.see("chat-switch")).to_have_attribute("aria-expanded", "false")
    await ann.press("chat-switch")
    await expect(ann.see("chat")).to_contain_text("hello?")


async def test_zen_leaves_the_board_and_the_clocks(seat: Seat) -> None:
    table = await seat(time="5+3")
    await table.play("e4", "e5")
    ann = table.white
    await ann.page.keyboard.press("z")
    for hidden in ("chat", "moves", "open-settings"):
        await expect(ann.see(hidden)).not_to_be_visible()
    await expect(ann.see("player-black").get_by_text("Bob")).not_to_be_visible()
    for shown in ("board", "clock-white", "clock-black", "resign"):
        await expect(ann.see(shown)).to_be_visible()
    await table.play("Nf3")
    await ann.press("leave-zen")
    await expect(ann.see("chat")).to_be_visible()


async def test_a_window_that_becomes_narrow_does_not_scroll_sideways(seat: Seat) -> None:
    table = await seat()
    await table.play("h4", "a5")     # dragged: chessground leaves an unseen piece where it was
    ann = table.white
    await ann.page.set_viewport_size({"width": 390, "height": 844})
    await ann.sees(table.board)
    await ann.does_not_scroll_sideways()
    await ann.page.set_viewport_size({"width": 1_280, "height": 800})


async def test_tab_and_icon_tell_whose_move_it_is(seat: Seat) -> None:
    table = await seat()
    await table.all_see()
    ann, bob = table.white, table.black
    icon = "link[rel=icon]"
    await expect(ann.page).to_have_title(re.compile("Your move"))
    await expect(ann.page.locator(icon)).to_have_attribute("href", re.compile("^data:image/svg"))
    await expect(bob.page.locator(icon)).to_have_attribute("href", re.compile("^http|^/assets"))
    await table.play("e4")
    await expect(bob.page).to_have_title(re.compile("Your move"))
    await expect(bob.page.locator(icon)).to_have_attribute("href", re.compile("^data:image/svg"))
    await expect(ann.page.locator(icon)).not_to_have_attribute("href", re.compile("^data:"))


async def test_a_hidden_page_notifies_once_it_may(seat: Seat) -> None:
    table = await seat()
    await table.all_see()
    bob = table.black
    await bob.context.grant_permissions(["notifications"])
    await bob.page.evaluate("""() => {
      window.told = [];
      window.Notification = class {
        static requestPermission = async () => 'granted';
        constructor(title, options) { window.told.push([title, options.body]); }
      };
    }""")
    await table.play("e4", "e5")
    assert await bob.page.evaluate("() => window.told") == []      # nobody has asked for it
    await switch(bob, "notifications")
    await bob.page.evaluate("() => Object.defineProperty(document, 'hidden', {value: true})")
    await table.play("Nf3")
    assert await bob.page.evaluate("() => window.told") == [["● Your move · Ann", "2, White: knight f3."]]
    await bob.context.clear_permissions()


async def test_going_back_during_a_game_asks_first(invite: Invite, server: Server) -> None:
    ann, bob = await invite("Ann"), await invite("Bob")
    link = await ann.host(server.url)
    await bob.join(link)
    await expect(ann.see("abort")).to_be_visible()
    await ann.page.go_back()
    await expect(ann.see("confirm-leave")).to_contain_text("The game goes on")
    await ann.press("confirm-no")
    await ann.carry("e2", "e4", "drag")
    await expect(bob.see("move-1")).to_have_text("e4")
    await ann.page.go_back()
    await ann.press("confirm-yes")
    await expect(ann.see("create-form")).to_be_visible()
    await ann.page.go_forward()
    await expect(ann.see("move-1")).to_have_text("e4")
