"""What a store promises about accounts and their tokens: plain rows beside the log.

A token is a secret of at least 128 random bits of which only the hash is kept, so that finding its row by the hash
leaks nothing by its timing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from game_server.core.account_events import Title
from game_server.core.ids import AccountId, PlayerId, TokenHash

if TYPE_CHECKING:
    from game_server.store.log import FinishedGame


@dataclass(frozen=True, slots=True)
class AccountRow:
    """`name` as its owner writes it; `id` is the same in lower case."""

    id: AccountId
    name: str
    title: Title | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class TokenRow:
    """`scopes`: what it may be used for, as lichess names it."""

    token_hash: TokenHash
    account: AccountId
    scopes: tuple[str, ...]
    created_ms: int


class AccountBook(Protocol):
    """Guarantees, to be kept by every implementation of the log. Every method may raise Unavailable."""

    async def add_account(self, account: AccountRow) -> bool:
        """False if there is an account of that id already; nothing has changed then."""

    async def account(self, account_id: AccountId) -> AccountRow | None:
        """The account of that id."""

    async def set_title(self, account_id: AccountId, title: Title | None) -> None:
        """Gives the account a title, or takes it away."""

    async def add_token(self, token: TokenRow) -> None:
        """Adds a token to an account that exists; again: changes nothing."""

    async def account_by_token(self, token_hash: TokenHash) -> tuple[AccountRow, TokenRow] | None:
        """Whose token it is; None if it is unknown or was revoked. Sees every revocation that was answered before."""

    async def revoke(self, token_hash: TokenHash) -> bool:
        """Forgets the token; False if there was none."""

    async def revoke_all(self, account_id: AccountId) -> int:
        """Forgets all tokens of the account; how many there were."""

    async def games_of(
        self, player_id: PlayerId, limit: int, before_ms: int | None = None, *, only_public: bool = True
    ) -> "list[FinishedGame]":
        """The player's finished games, the newest first, that ended before `before_ms`."""

    async def games_played(self, player_id: PlayerId) -> Sequence[tuple[str, int]]:
        """How many games the player has finished at each time control."""
