"""Accounts and tokens in memory. The promises are AccountBook's."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from game_server.core.account_events import Title
from game_server.core.ids import AccountId, GameId, PlayerId, TokenHash
from game_server.store.book import AccountRow, TokenRow
from game_server.store.log import FinishedGame


class MemoryAccounts:
    """The part of MemoryLog that keeps accounts."""

    _games: dict[GameId, FinishedGame]

    def __init__(self) -> None:
        self._accounts: dict[AccountId, AccountRow] = {}
        self._tokens: dict[TokenHash, TokenRow] = {}

    async def ready(self) -> None:
        raise NotImplementedError

    async def add_account(self, account: AccountRow) -> bool:
        await self.ready()
        return self._accounts.setdefault(account.id, account) is account

    async def account(self, account_id: AccountId) -> AccountRow | None:
        await self.ready()
        return self._accounts.get(account_id)

    async def set_title(self, account_id: AccountId, title: Title | None) -> None:
        await self.ready()
        if account_id in self._accounts:
            self._accounts[account_id] = replace(self._accounts[account_id], title=title)

    async def add_token(self, token: TokenRow) -> None:
        await self.ready()
        self._tokens.setdefault(token.token_hash, token)

    async def account_by_token(self, token_hash: TokenHash) -> tuple[AccountRow, TokenRow] | None:
        await self.ready()
        token = self._tokens.get(token_hash)
        return (self._accounts[token.account], token) if token is not None else None

    async def revoke(self, token_hash: TokenHash) -> bool:
        await self.ready()
        return self._tokens.pop(token_hash, None) is not None

    async def revoke_all(self, account_id: AccountId) -> int:
        await self.ready()
        theirs = [token_hash for token_hash, token in self._tokens.items() if token.account == account_id]
        for token_hash in theirs:
            del self._tokens[token_hash]
        return len(theirs)

    async def games_of(
        self, player_id: PlayerId, limit: int, before_ms: int | None = None, *, only_public: bool = True
    ) -> list[FinishedGame]:
        await self.ready()
        games = [
            game
            for game in self._games.values()
            if player_id in (game.white_id, game.black_id)
            and (game.is_public or not only_public)
            and (before_ms is None or game.ended_ms < before_ms)
        ]
        return sorted(games, key=lambda game: (game.ended_ms, game.game_id), reverse=True)[:limit]

    async def games_played(self, player_id: PlayerId) -> Sequence[tuple[str, int]]:
        await self.ready()
        theirs = (game for game in self._games.values() if player_id in (game.white_id, game.black_id))
        return sorted(Counter(game.time_control for game in theirs).items())
