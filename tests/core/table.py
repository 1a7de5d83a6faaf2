"""State × command → what happens: every command in every state of a room, as one table.

Walked by test_table.py, and rendered into the README. "You" have White, the game is 5+3. A cell has the frames that the
command causes; `ack` if it is accepted and changes nothing; `!` and the error code if it is refused.
"""

from typing import Final

from game_server.core.commands import (
    Abort,
    AddTime,
    CheckTime,
    Command,
    Decline,
    LeaveSeat,
    NoteAway,
    NoteBack,
    NoteOutage,
    PlayMove,
    Resign,
    Say,
)
from game_server.core.ids import BLACK, WHITE
from game_server.core.refusals import Refused
from game_server.core.room import Room
from tests.core.rooms import (
    accept,
    claim,
    did,
    given,
    gone,
    moves,
    offer,
    offered,
    opened,
    settled,
    started,
    take_seat,
)

NOW: Final = 1_000_000
MATE: Final = "e4 e5 Qh5 Ke7 Qxe5"

STATES: Final[dict[str, Room]] = {
    "waiting": given(opened("5+3", idle_ms=10**7), did(take_seat(WHITE), at_ms=0)),
    "no move yet": given(
        opened("5+3", idle_ms=10**7), did(take_seat(WHITE), at_ms=0), did(take_seat(BLACK), at_ms=NOW)
    ),
    "your turn": given(started("5+3", first_move_ms=None), moves("e4 e5", at_ms=NOW)),
    "their turn": given(started("5+3", first_move_ms=None), moves("e4 e5 Nf3", at_ms=NOW)),
    "finished": given(started("5+3", first_move_ms=None), moves(MATE, at_ms=NOW)),
    "closed": settled(given(started("5+3"), moves(MATE)), NOW),
}

# Who has done what before, if the state allows it.
BEFORE: Final = {
    "": (),
    "offered draw": (offered(BLACK, "draw", at_ms=NOW),),
    "offered takeback": (offered(BLACK, "takeback", at_ms=NOW),),
    "offered rematch": (offered(BLACK, "rematch", at_ms=NOW),),
    "your draw offer": (offered(WHITE, "draw", at_ms=NOW),),
    "your takeback offer": (offered(WHITE, "takeback", at_ms=NOW),),
    "your rematch offer": (offered(WHITE, "rematch", at_ms=NOW),),
    "you are away": (gone(WHITE, at_ms=NOW),),
}

GNS, OVER = "! game_not_started", "! game_over"

# The command's name, what came before it, the command, and a cell for each of STATES.
Row = tuple[str, str, Command, tuple[str, str, str, str, str, str]]
TABLE: Final[list[Row]] = [
    ("move", "", PlayMove(WHITE, "d2d4"), (GNS, "move", "move", "! not_your_turn", OVER, OVER)),
    ("move, illegal", "", PlayMove(WHITE, "e2e5"), (GNS, *["! illegal_move"] * 2, "! not_your_turn", OVER, OVER)),
    ("move with its ply, sent again", "", PlayMove(WHITE, "e2e4", ply=1), (GNS, "move", *["ack"] * 4)),
    ("another move at a ply", "", PlayMove(WHITE, "d2d4", ply=1), (GNS, "move", *["! stale_ply"] * 4)),
    ("move with a draw offer", "", PlayMove(WHITE, "d2d4", offer_draw=True),
     (GNS, *["move, offer"] * 2, "! not_your_turn", OVER, OVER)),
    ("move with a draw offer", "offered draw", PlayMove(WHITE, "d2d4", offer_draw=True),
     (GNS, *["move, game_over"] * 2, "! not_your_turn", OVER, OVER)),
    ("move", "offered draw", PlayMove(WHITE, "d2d4"),
     (GNS, *["move, offer_cancelled"] * 2, "! not_your_turn", OVER, OVER)),
    ("move", "offered takeback", PlayMove(WHITE, "d2d4"),
     (GNS, "move", "move, offer_cancelled", "! not_your_turn", OVER, OVER)),
    ("resign", "", Resign(WHITE), (GNS, *["game_over"] * 3, OVER, OVER)),
    ("abort", "", Abort(WHITE), (GNS, "game_over", *["! not_allowed"] * 2, OVER, OVER)),
    ("offer draw", "", offer(WHITE, "draw"), (GNS, *["offer"] * 3, OVER, OVER)),
    ("offer draw", "offered draw", offer(WHITE, "draw"), (GNS, *["game_over"] * 3, OVER, OVER)),
    ("offer draw", "your draw offer", offer(WHITE, "draw"), (GNS, *["ack"] * 3, OVER, OVER)),
    ("accept draw", "", accept(WHITE, "draw"), (GNS, *["! no_such_offer"] * 3, OVER, OVER)),
    ("accept draw", "offered draw", accept(WHITE, "draw"), (GNS, *["game_over"] * 3, OVER, OVER)),
    ("accept draw", "your draw offer", accept(WHITE, "draw"), (GNS, *["! no_such_offer"] * 3, OVER, OVER)),
    ("decline draw", "", Decline(WHITE, "draw"), (GNS, *["! no_such_offer"] * 3, OVER, OVER)),
    ("decline draw", "offered draw", Decline(WHITE, "draw"), (GNS, *["offer_cancelled"] * 3, OVER, OVER)),
    ("decline draw", "your draw offer", Decline(WHITE, "draw"), (GNS, *["offer_cancelled"] * 3, OVER, OVER)),
    ("offer takeback", "", offer(WHITE, "takeback"), (GNS, "! not_allowed", *["offer"] * 2, OVER, OVER)),
    ("offer takeback", "offered takeback", offer(WHITE, "takeback"),
     (GNS, "! not_allowed", *["takeback"] * 2, OVER, OVER)),
    ("offer takeback", "your takeback offer", offer(WHITE, "takeback"),
     (GNS, "! not_allowed", *["ack"] * 2, OVER, OVER)),
    ("accept takeback", "", accept(WHITE, "takeback"), (GNS, *["! no_such_offer"] * 3, OVER, OVER)),
    ("accept takeback", "offered takeback", accept(WHITE, "takeback"),
     (GNS, "! no_such_offer", *["takeback"] * 2, OVER, OVER)),
    ("decline takeback", "", Decline(WHITE, "takeback"), (GNS, *["! no_such_offer"] * 3, OVER, OVER)),
    ("decline takeback", "offered takeback", Decline(WHITE, "takeback"),
     (GNS, "! no_such_offer", *["offer_cancelled"] * 2, OVER, OVER)),
    ("offer rematch", "", offer(WHITE, "rematch"), (GNS, *["! not_allowed"] * 3, "offer", OVER)),
    ("offer rematch", "offered rematch", offer(WHITE, "rematch"), (GNS, *["! not_allowed"] * 3, "game_started", OVER)),
    ("offer rematch", "your rematch offer", offer(WHITE, "rematch"), (GNS, *["! not_allowed"] * 3, "ack", OVER)),
    ("accept rematch", "", accept(WHITE, "rematch"), (GNS, *["! not_allowed"] * 3, "! no_such_offer", OVER)),
    ("accept rematch", "offered rematch", accept(WHITE, "rematch"),
     (GNS, *["! not_allowed"] * 3, "game_started", OVER)),
    ("decline rematch", "", Decline(WHITE, "rematch"), (GNS, *["! not_allowed"] * 3, "! no_such_offer", OVER)),
    ("decline rematch", "offered rematch", Decline(WHITE, "rematch"),
     (GNS, *["! not_allowed"] * 3, "offer_cancelled", OVER)),
    ("claim draw", "", claim(WHITE, "draw"), (GNS, *["! not_allowed"] * 3, OVER, OVER)),
    ("claim victory", "", claim(WHITE, "victory"), (GNS, *["! not_allowed"] * 3, OVER, OVER)),
    ("add_time", "", AddTime(WHITE, 15_000), (GNS, *["clock"] * 3, OVER, OVER)),
    ("chat", "", Say(WHITE, "player", "hello"), (*["chat"] * 5, OVER)),
    ("a newcomer takes a seat", "", take_seat(None, player="new"),
     ("player_joined, game_started", *["! seats_taken"] * 5)),
    ("your token takes a seat", "", take_seat(BLACK, player="white"), ("ack",) * 6),
    ("you give your seat back", "", LeaveSeat(WHITE), ("player_left", *["ack"] * 5)),
    ("your connection is lost", "", NoteAway(WHITE, NOW, on_purpose=False), (*["player_disconnected"] * 5, "ack")),
    ("your connection is lost", "you are away", NoteAway(WHITE, NOW, on_purpose=False), ("ack",) * 6),
    ("you come back", "", NoteBack(WHITE), ("ack",) * 6),
    ("you come back", "you are away", NoteBack(WHITE), (*["player_reconnected"] * 5, "ack")),
    ("the server was down", "", NoteOutage(NOW, NOW + 10), ("ack", *["clock"] * 3, "ack", "ack")),
    ("an hour passes", "", CheckTime(), ("ack", *["game_over, room_closed"] * 3, "room_closed", "ack")),
]
HOUR_MS: Final = 3_600_000


def at_ms(command: Command) -> int:
    """When the command of a row is given."""
    return NOW + HOUR_MS if isinstance(command, CheckTime) else NOW + 10


def prepared(state: str, before: str) -> Room:
    """The room in `state`, after what came before as far as the state allows it."""
    try:
        return given(STATES[state], *BEFORE[before])
    except Refused:
        return STATES[state]


def markdown() -> str:
    """The table as the README shows it."""
    lines = ["| command | " + " | ".join(STATES) + " |", "|---|" + "---|" * len(STATES)]
    for name, before, _, cells in TABLE:
        title = f"{name} ({before})" if before else name
        lines.append(f"| {title} | " + " | ".join(_shown(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _shown(cell: str) -> str:
    return f"error `{cell[2:]}`" if cell.startswith("! ") else ", ".join(f"`{kind}`" for kind in cell.split(", "))
