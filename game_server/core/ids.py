"""The names of things, as types.

Plain strings at run time, so that they cost nothing and read well in a log; distinct to the type checker where mixing
them up would hurt.
"""

from typing import Final, Literal, NewType

Color = Literal["white", "black"]
WHITE: Final = "white"
BLACK: Final = "black"
COLORS: Final[tuple[Color, Color]] = (WHITE, BLACK)

RoomId = NewType("RoomId", str)  # chosen by people or drawn: ^[A-Za-z0-9_-]{1,64}$
Epoch = NewType("Epoch", str)  # one life of a room's log
GameId = NewType("GameId", str)
PlayerId = NewType("PlayerId", str)  # public, kept while colours change
TokenHash = NewType("TokenHash", str)  # what the server keeps of a seat's secret
AccountId = NewType("AccountId", str)  # an account's name in lower case

_COMPUTER: Final = "."      # no player id that is drawn has it


def opponent(color: Color) -> Color:
    return BLACK if color == WHITE else WHITE


def computer_player(level: int, drawn: PlayerId) -> PlayerId:
    """As which the server's own engine sits in rooms; the id says how strong it is, for as long as the game is kept."""
    return PlayerId(f"{level}{_COMPUTER}{drawn}")


def computer_level(player: PlayerId) -> int | None:
    """The level at which the server's own engine plays under that id; None for everybody else."""
    level, dot, _ = player.partition(_COMPUTER)
    return int(level) if dot and level.isdigit() else None
