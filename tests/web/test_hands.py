"""The ways to move: ahead of one's turn, by keys on the squares, in writing; and what is drawn on the board."""

import chess
import pytest
from playwright.async_api import expect

from tests.web.conftest import Seat
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOOLS_MATE = ("f2f3", "e7e5", "g2g4", "d8h4")
MARKED = """() => [...document.querySelectorAll('[data-testid=board] square.current-premove')].map(
  square => square.cgKey).sort().join()"""
STROKES = """() => [...document.querySelectorAll('.cg-shapes line, .cg-shapes circle')].map(
  shape => [shape.tagName, shape.getAttribute('stroke')])"""


async def keeps(visitor: Visitor, *squares: str) -> None:
    """The premove that is marked on the board."""
    await visitor.page.wait_for_function(f"wanted => ({MARKED})() === wanted", arg=",".join(squares))


async def test_a_premove_is_played_as_soon_as_the_opponent_has_moved(seat: Seat) -> None:
    table = await seat()
    await table.play("e4")
    await table.white.carry("e4", "d5", "drag")
    await keeps(table.white, "d5", "e4")
    await table.white.sees(table.board)      # nothing has moved yet, for nobody
    await table.black.sees(table.board)
    await table.black.carry("d7", "d5", "click")
    for san in ("d5", "exd5"):
        table.board.push_san(san)
    await table.all_see()
    await keeps(table.white)


async def test_a_premove_is_cancelled_by_escape_by_the_right_button_and_by_a_click_elsewhere(seat: Seat) -> None:
    table = await seat()
    ann = table.white
    await table.play("e4")

    async def by_the_right_button() -> None:
        await ann.page.mouse.click(*await ann.centre("a5"), button="right")

    for cancel in (lambda: ann.page.keyboard.press("Escape"), by_the_right_button, lambda: ann.touch("a6")):
        await ann.carry("e4", "d5", "click")
        await keeps(ann, "d5", "e4")
        await cancel()
        await keeps(ann)
    await ann.page.keyboard.press("Escape")
    await table.play("d5", "Nf3")     # and it is White who chooses the second move


async def test_a_premove_that_became_illegal_is_dropped(seat: Seat) -> None:
    table = await seat()
    await table.play("e4")
    await table.white.carry("e4", "d5", "drag")
    await keeps(table.white, "d5", "e4")
    await table.play("e5")
    await keeps(table.white)
    await table.play("Nf3")
    assert not table.white.frames("error")


async def walk(visitor: Visitor, target: str) -> None:
    """Moves the focus over the board with arrow keys, from the square that has it to another one."""
    origin = await visitor.page.evaluate("() => document.activeElement.dataset.square")
    sign = -1 if await visitor.page.locator(".orientation-black").count() else 1
    columns, rows = sign * (ord(target[0]) - ord(origin[0])), sign * (int(target[1]) - int(origin[1]))
    for steps, key, back in ((columns, "ArrowRight", "ArrowLeft"), (rows, "ArrowUp", "ArrowDown")):
        for _ in range(abs(steps)):
            await visitor.page.keyboard.press(key if steps > 0 else back)
    await expect(visitor.page.locator(f"[data-square={target}]")).to_be_focused()


async def test_a_whole_game_is_played_with_keys_on_the_squares(seat: Seat) -> None:
    table = await seat()
    await table.all_see()
    for visitor in table.everyone:
        await visitor.page.locator("[data-square][tabindex='0']").focus()
    for uci in FOOLS_MATE:
        mover, origin, target = table.mover, uci[:2], uci[2:]
        await walk(mover, origin)
        await mover.page.keyboard.press("Enter")
        name = f"{target}, empty, can be reached"
        await expect(mover.page.locator(f"[data-square={target}]")).to_have_accessible_name(name)
        await walk(mover, target)
        await mover.page.keyboard.press("Enter")
        table.board.push_uci(uci)
        await table.all_see()
    await table.result("Black wins", "Checkmate")
    for visitor in table.everyone:
        await expect(visitor.page.locator("[data-square=h4]")).to_have_accessible_name("h4, black queen")
        await expect(visitor.see("announcer")).to_contain_text("Black: queen h4, checkmate")


async def test_a_whole_game_is_typed(seat: Seat) -> None:
    table = await seat()
    await table.all_see()
    written = {"f3": "f3", "e5": "e7e5", "g4": "g4", "Qh4#": "qh4"}
    for san, text in written.items():
        mover = table.mover
        await mover.page.keyboard.press("Enter")      # from nowhere in particular, into the box
        await expect(mover.see("move-box")).to_be_focused()
        await mover.page.keyboard.type(text)
        table.board.push_san(san)
        await table.all_see()
        if not table.board.is_checkmate():
            await expect(mover.see("move-box")).to_have_value("")
            await mover.page.keyboard.press("Escape")
    await table.result("Black wins", "Checkmate")


async def test_the_box_says_what_it_cannot_play_and_knows_words_and_premoves(seat: Seat) -> None:
    table = await seat(time="5+3")
    ann, bob = table.white, table.black
    await table.play("e4")
    await bob.see("move-box").fill("Ke7")
    await bob.page.keyboard.press("Enter")
    await expect(bob.see("move-box-answer")).to_have_text("No such move")
    await ann.see("move-box").fill("d2d4")
    await ann.page.keyboard.press("Enter")
    await keeps(ann, "d2", "d4")
    await bob.see("move-box").fill("e5")
    for san in ("e5", "d4"):
        table.board.push_san(san)
    await table.all_see()
    await bob.see("move-box").fill("clock")
    await bob.page.keyboard.press("Enter")
    await expect(bob.see("move-box-answer")).to_contain_text("White 5:0")
    await bob.see("move-box").fill("resign")
    await bob.page.keyboard.press("Enter")
    await expect(bob.see("confirm-yes")).to_be_focused()
    await bob.page.keyboard.press("Enter")
    await table.result("White wins", "Black resigned")


async def test_a_pawn_promotes_by_keys_and_escape_takes_it_back(seat: Seat) -> None:
    fen = "7k/P7/8/8/8/8/p6K/8 w - - 0 40"
    table = await seat(fen=fen)
    table.board = chess.Board(fen)
    await table.all_see()
    ann = table.white
    await ann.carry("a7", "a8", "click")
    await expect(ann.see("promote-queen")).to_be_focused()
    await ann.page.keyboard.press("ArrowDown")
    await expect(ann.see("promote-knight")).to_be_focused()
    await ann.page.mouse.move(1, 1)
    await ann.page.evaluate("() => document.activeElement.blur()")
    await ann.page.keyboard.press("Escape")     # wherever the focus is
    await expect(ann.see("promotion")).to_have_count(0)
    await table.all_see()
    await ann.carry("a7", "a8", "click")
    await expect(ann.see("promote-queen")).to_be_focused()
    await ann.page.keyboard.press("r")
    table.board.push_san("a8=R+")
    await table.all_see()


async def test_with_always_queen_nobody_is_asked(seat: Seat) -> None:
    fen = "7k/P7/8/8/8/8/p6K/8 w - - 0 40"
    table = await seat(fen=fen)
    table.board = chess.Board(fen)
    await table.white.press("open-settings")
    await table.white.press("switch-alwaysQueen")
    await table.white.page.keyboard.press("Escape")
    await expect(table.white.see("settings")).to_have_count(0)
    await table.white.page.reload()     # it is remembered
    await table.all_see()
    await table.white.carry("a7", "a8", "drag")
    table.board.push_san("a8=Q+")
    await table.all_see()


async def test_arrows_and_circles_are_drawn_and_gone_with_the_next_move(seat: Seat) -> None:
    table = await seat()
    ann = table.white
    await table.all_see()

    async def draw(origin: str, target: str, *held: str) -> None:
        for key in held:
            await ann.page.keyboard.down(key)
        await ann.page.mouse.move(*await ann.centre(origin))
        await ann.page.mouse.down(button="right")
        await ann.page.mouse.move(*await ann.centre(target), steps=3)
        await ann.page.mouse.up(button="right")
        for key in held:
            await ann.page.keyboard.up(key)

    async def strokes(*wanted: list[str]) -> None:
        same = f"wanted => JSON.stringify(({STROKES})().sort()) === JSON.stringify(wanted)"
        await ann.page.wait_for_function(same, arg=sorted(wanted))

    green, red, blue = "#15781B", "#882020", "#003088"
    await draw("e2", "e4")
    await draw("d5", "d5", "Shift")
    await strokes(["line", green], ["circle", red])
    await ann.see("open-settings").click()      # what happens beside the board leaves them alone
    await expect(ann.see("settings")).to_be_visible()
    await ann.page.keyboard.press("Escape")
    await draw("g1", "f3", "Alt")
    await strokes(["line", green], ["circle", red], ["line", blue])
    await draw("g1", "f3", "Alt")       # drawn again, it is wiped
    await strokes(["line", green], ["circle", red])
    await table.play("e4")
    await strokes()
    await draw("a1", "a8")
    await strokes(["line", green])
    await table.play("e5")
    await strokes()
