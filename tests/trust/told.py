"""A room as a program sees it that knows its frames and nothing else: what its `state` and its PGN must say."""

import io
from collections.abc import Iterable
from typing import Any, Final

import chess
import chess.pgn

from tests.system.player import Frame

CHAT_LINES: Final = 50
OTHER: Final = {"white": "black", "black": "white"}


class Told:
    """The fold of a room's frames. `ends` has the one `game_over` of each game that has ended."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.v = 0
        self.opened: Frame = {}
        self.status = "waiting"
        self.game: Frame | None = None
        self.over: Frame | None = None
        self.board = chess.Board()
        self.sans: list[str] = []
        self.seats: dict[str, dict[str, Any] | None] = {"white": None, "black": None}
        self.offers: dict[str, str | None] = dict.fromkeys(("draw", "takeback", "rematch"))
        self.score = {"white": 0.0, "black": 0.0}
        self.chat: list[dict[str, Any]] = []
        self.left: set[str] = set()
        self.ends: dict[str, Frame] = {}
        for frame in frames:
            assert frame["v"] == self.v + 1, frame
            self.v = frame["v"]
            self._hear(frame)

    def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "room_opened":
                self.opened = frame
                self._set_up(frame["options"]["fen"])
            case "player_joined":
                assert self.seats[frame["color"]] is None, "a seat is taken by one player"
                self.seats[frame["color"]] = {key: frame[key] for key in ("player_id", "name", "bot")}
            case "player_left":
                assert self.status == "waiting"
                self.left.add(frame["player_id"])
                self.seats[frame["color"]] = None
            case "game_started":
                self._started(frame)
            case "move":
                self._moved(frame)
            case "takeback":
                while len(self.sans) > frame["ply"]:
                    self.sans.pop()
                    self.board.pop()
                assert frame["fen"] == self.board.fen()
                self.offers["takeback"] = None
            case "offer":
                self.offers[frame["kind"]] = frame["by"]
            case "offer_cancelled":
                self.offers[frame["kind"]] = None
            case "game_over":
                self._ended(frame)
            case "chat":
                line = {key: frame[key] for key in ("at", "by", "name", "room", "text")}
                self.chat = [*self.chat, line][-CHAT_LINES:]
            case "room_closed":
                self.status, self.offers = "closed", dict.fromkeys(self.offers)
            case "clock" | "player_disconnected" | "player_reconnected":
                pass
            case unknown:
                raise AssertionError(unknown)

    def _set_up(self, fen: str | None) -> None:
        is_960 = self.opened["options"]["variant"] == "chess960"
        self.board = chess.Board(fen or chess.STARTING_FEN, chess960=is_960)
        self.sans = []

    def _started(self, frame: Frame) -> None:
        assert self.status != "closed" and (self.game is None or self.over is not None), "one game after the other"
        self.game, self.over, self.status = frame, None, "playing"
        self._set_up(frame["fen"])
        self.offers = dict.fromkeys(self.offers)
        self.score = frame["score"]
        for color in OTHER:
            self.seats[color] = {key: frame[color][key] for key in ("player_id", "name", "bot")}

    def _moved(self, frame: Frame) -> None:
        assert self.status == "playing" and frame["ply"] == len(self.sans) + 1
        assert OTHER[frame["color"]] == ("black" if self.board.turn else "white")
        move = chess.Move.from_uci(frame["uci"])
        assert self.board.is_legal(move), frame
        self.sans.append(self.board.san(move))
        self.board.push(move)
        said = (frame["san"], frame["fen"], frame["check"])
        assert said == (self.sans[-1], self.board.fen(), self.board.is_check()), frame

    def _ended(self, frame: Frame) -> None:
        assert self.game is not None and self.status == "playing" and frame["game_id"] == self.game["game_id"]
        assert frame["game_id"] not in self.ends, "a game ends once"
        self.ends[frame["game_id"]] = self.over = frame
        self.status, self.score = "finished", frame["score"]
        self.offers = dict.fromkeys(self.offers)

    def require_state(self, state: Frame) -> None:
        """That a `state` of this version says the same."""
        over = self.over or dict.fromkeys(("result", "winner", "reason"))
        expected = {
            "v": self.v,
            "epoch": self.opened["epoch"],
            "options": self.opened["options"],
            "status": self.status,
            "game_id": self.game["game_id"] if self.game else None,
            "fen": self.board.fen(),
            "turn": "white" if self.board.turn else "black",
            "ply": len(self.sans),
            "moves": [
                {"uci": move.uci(), "san": san} for move, san in zip(self.board.move_stack, self.sans, strict=True)
            ],
            "offers": self.offers,
            "check": self.board.is_check(),
            "score": self.score,
            "chat": self.chat,
            **{key: over[key] for key in ("result", "winner", "reason")},
        }
        if self.game is None and self.opened["options"]["variant"] == "chess960":
            del expected["fen"]     # drawn by lot when the game starts
        assert {key: state[key] for key in expected} == expected
        for color, seat in self.seats.items():
            shown = state[color] and {key: state[color][key] for key in ("player_id", "name", "bot")}
            assert shown == seat, (color, state)

    def require_pgn(self, text: str) -> None:
        """That the PGN of the current game has its moves and its result."""
        game = chess.pgn.read_game(io.StringIO(text))
        assert game is not None and not game.errors, text
        assert list(game.mainline_moves()) == self.board.move_stack, text
        assert game.headers["Result"] == (self.over["result"] if self.over else "*"), text
        assert game.end().board().fen() == self.board.fen(), text
