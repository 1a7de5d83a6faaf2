"""A player: a seat that is kept over every loss of the connection, and the turns it has to play."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from game_server.client.endings import ClientError, GameEnded
from game_server.client.speaker import Speaker
from game_server.client.view import RoomView, remaining_ms
from game_server.core.events import ChatRoom, OfferKind
from game_server.core.ids import Color, opponent
from game_server.core.refusals import Code, Refused
from game_server.wire import inbound, parts

PASSED: Final = frozenset({Code.STALE_PLY, Code.GAME_OVER, Code.NOT_YOUR_TURN, Code.GAME_NOT_STARTED})


@dataclass(frozen=True, slots=True)
class Turn:
    """It is this player's turn to move, in the position that `view` has.

    >>> await turn.play(turn.legal_moves[0])        # doctest: +SKIP
    True
    """

    seat: "Seat"
    view: RoomView

    @property
    def fen(self) -> str:
        return self.view.fen

    @property
    def legal_moves(self) -> tuple[str, ...]:
        """In UCI (`e2e4`, `e7e8q`, `e1g1`; in chess960 castling is king takes rook)."""
        return self.view.legal_moves

    @property
    def moves(self) -> tuple[str, ...]:
        """The moves of this game so far, in UCI, from `view.initial_fen`."""
        return tuple(move.uci for move in self.view.moves)

    @property
    def color(self) -> Color:
        return self.view.turn

    @property
    def remaining_ms(self) -> int | None:
        """What this player's clock shows now; None in an unlimited game."""
        return self.seat.remaining_ms(self.color)

    @property
    def draw_is_offered(self) -> bool:
        """Whether the opponent's draw offer stands: `seat.accept("draw")` takes it, playing on declines it."""
        return self.seat.view.offers.draw == opponent(self.color)

    @property
    def is_current(self) -> bool:
        """Whether the position is still the one on the board, in a game that goes on."""
        now = self.seat.view
        return now.is_playing and (now.epoch, now.position_v) == (self.view.epoch, self.view.position_v)

    async def passed(self) -> None:
        """Returns when the turn has passed, however that came; also when the seat is lost."""
        with suppress(ClientError):
            await self.seat.until(lambda: not self.is_current)

    async def play(self, uci: str, *, offer_draw: bool = False) -> bool:
        """Plays a move, and says whether it was made: False if the turn has passed (a flag fell, the opponent resigned,
        a takeback was agreed). Returns when the server has stored it, however often the connection was lost meanwhile.

        Raises Refused(ILLEGAL_MOVE) if it is not a legal move here; Ended if the seat is lost.
        """
        if not self.is_current:
            return False
        try:
            await self.seat.move(uci, ply=self.view.ply + 1, offer_draw=offer_draw)
        except Refused as refused:
            if refused.code in PASSED:
                return False
            raise
        except GameEnded:
            return False
        return True


class Seat(Speaker):
    """A player's seat in a room; `join` makes one. All methods that act wait for the server's answer.

    They raise Refused (with `code` and a sentence) if the server says no, Ended if the seat is lost for good.
    """

    # What is known

    @property
    def player_id(self) -> str:
        """This player's public id, which stays while colours change."""
        assert self._welcome is not None, "use `async with`: the seat is known inside it"
        return self._welcome.player_id

    @property
    def color(self) -> Color:
        """This player's colour in the present game."""
        assert self._welcome is not None, "use `async with`: the seat is known inside it"
        return self.view.color_of(self.player_id) or self._welcome.color

    @property
    def opponent(self) -> parts.Player | None:
        """Who plays against this player; None while the seat is free."""
        return self.view.player(opponent(self.color))

    @property
    def is_my_turn(self) -> bool:
        return self.view.is_playing and self.view.turn == self.color

    def remaining_ms(self, color: Color) -> int | None:
        """What `color`'s clock shows now, by the server's time as well as it can be told; None if unlimited."""
        return remaining_ms(self.view, color, self.now_ms())

    async def turns(self) -> AsyncIterator[Turn]:
        """This player's turns in the present game, or else in the next one; ends when that game is over.

        A position is shown once; after an agreed takeback it is this player's turn again. For a rematch, call it again.
        Raises Ended if the seat is lost in any other way than by the end of the game.
        """
        with suppress(GameEnded):
            await self.until(lambda: self.view.is_playing)
            game_id, shown_v = self.view.game_id, 0

            def is_news() -> bool:
                is_due = self.is_my_turn and self.view.position_v != shown_v
                return self._is_past(game_id) or (is_due and bool(self.view.legal_moves))   # mate: game_over is next

            while True:
                await self.until(is_news)
                if self._is_past(game_id):
                    return
                shown_v = self.view.position_v
                yield Turn(self, self.view)

    def _is_past(self, game_id: str | None) -> bool:
        return not self.view.is_playing or self.view.game_id != game_id

    # What can be done

    async def move(self, uci: str, *, ply: int | None = None, offer_draw: bool = False) -> None:
        """Plays `uci` as move number `ply` of this game (default: the next one)."""
        ply = self.view.ply + 1 if ply is None else ply
        await self._do(inbound.MoveMessage(type="move", id=self._id(), uci=uci, ply=ply, offer_draw=offer_draw))

    async def resign(self) -> None:
        await self._do(inbound.ResignMessage(type="resign", id=self._id()))

    async def abort(self) -> None:
        """Ends the game without a result, as long as not both sides have moved."""
        await self._do(inbound.AbortMessage(type="abort", id=self._id()))

    async def offer_draw(self) -> None:
        await self.offer("draw")

    async def offer(self, kind: OfferKind) -> None:
        """Offers a draw, a takeback or a rematch; accepts it if the opponent has offered the same."""
        await self._do(inbound.OfferMessage(type="offer", id=self._id(), kind=kind))

    async def accept(self, kind: OfferKind) -> None:
        await self._do(inbound.AcceptMessage(type="accept", id=self._id(), kind=kind))

    async def decline(self, kind: OfferKind) -> None:
        """Declines the opponent's offer, or withdraws one's own."""
        await self._do(inbound.DeclineMessage(type="decline", id=self._id(), kind=kind))

    async def claim_draw(self, uci: str | None = None) -> None:
        """By repetition or fifty moves; `uci` names the intended move, under FIDE rules."""
        await self._do(inbound.ClaimMessage(type="claim", id=self._id(), kind="draw", uci=uci))

    async def claim_victory(self) -> None:
        """Against an opponent who has been away for too long, where absence alone does not forfeit."""
        await self._do(inbound.ClaimMessage(type="claim", id=self._id(), kind="victory"))

    async def add_time(self, ms: int = 15_000) -> None:
        """Gives the opponent time."""
        await self._do(inbound.AddTimeMessage(type="add_time", id=self._id(), ms=ms))

    async def chat(self, text: str, room: ChatRoom = "player") -> None:
        """Says something (1 to 280 characters) to the opponent's room, or the spectators'."""
        await self._do(inbound.ChatMessage(type="chat", id=self._id(), text=text, room=room))
