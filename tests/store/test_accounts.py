"""The promises of AccountBook, kept by every implementation of the log."""

import asyncio

from game_server.core.account_events import ChallengeAccepted, GameEntered
from game_server.store.book import AccountRow, TokenRow
from game_server.store.log import Append, StreamId
from tests.store.conftest import opened
from tests.store.examples import ROOM, T, finished, opening

ANNA = AccountRow("anna", "Anna", None, T)
DEEP = AccountRow("deep", "Deep", "BOT", T + 1)


def token(token_hash="h1", account="anna", scopes=("board:play", "challenge:read")):
    return TokenRow(token_hash, account, scopes, T + 2)


async def test_an_account_is_there_under_its_id(log):
    assert await log.account("anna") is None
    assert await log.add_account(ANNA)
    assert await log.add_account(DEEP)
    assert await log.account("anna") == ANNA
    assert await log.account("deep") == DEEP


async def test_of_several_accounts_of_one_id_exactly_one_is_made(log):
    rows = [AccountRow("anna", name, None, T) for name in ("Anna", "ANNA", "anna")]
    made = await asyncio.gather(*map(log.add_account, rows))
    assert sorted(made) == [False, False, True]
    assert await log.account("anna") == rows[made.index(True)]


async def test_a_title_is_given_and_taken_away(log):
    await log.add_account(ANNA)
    await log.set_title("anna", "BOT")
    assert (await log.account("anna")).title == "BOT"
    await log.set_title("anna", None)
    await log.set_title("nobody", "BOT")
    assert await log.account("anna") == ANNA
    assert await log.account("nobody") is None


async def test_a_token_leads_to_its_account(log):
    await log.add_account(ANNA)
    await log.add_token(token("h1"))
    await log.add_token(token("h2", scopes=()))
    await log.add_token(token("h1", scopes=("bot:play",)))
    assert await log.account_by_token("h1") == (ANNA, token("h1"))
    assert await log.account_by_token("h2") == (ANNA, token("h2", scopes=()))
    assert await log.account_by_token("h3") is None


async def test_a_revoked_token_leads_nowhere(log):
    await log.add_account(ANNA)
    await log.add_token(token("h1"))
    await log.add_token(token("h2"))
    assert await log.revoke("h1") is True
    assert await log.revoke("h1") is False
    assert await log.account_by_token("h1") is None
    assert await log.account_by_token("h2") is not None


async def test_all_tokens_of_one_account_are_revoked_and_no_others(log):
    await log.add_account(ANNA)
    await log.add_account(DEEP)
    for row in (token("h1"), token("h2"), token("h3", "deep")):
        await log.add_token(row)
    assert await log.revoke_all("anna") == 2
    assert await log.revoke_all("anna") == 0
    assert await log.account_by_token("h2") is None
    assert await log.account_by_token("h3") == (DEEP, token("h3", "deep"))


async def test_a_players_games_are_the_newest_first(log):
    games = (finished("a", ended_ms=T), finished("b", ended_ms=T + 1), finished("c", ended_ms=T + 2, is_public=False))
    await log.append(opening(finished=games))
    assert [game.game_id for game in await log.games_of("p1", 9)] == ["b", "a"]
    assert [game.game_id for game in await log.games_of("p2", 1)] == ["b"]
    assert [game.game_id for game in await log.games_of("p1", 9, T + 1)] == ["a"]
    assert [game.game_id for game in await log.games_of("p1", 9, only_public=False)] == ["c", "b", "a"]
    assert await log.games_of("p3", 9) == []
    assert list(await log.games_played("p2")) == [("5+3", 3)]
    assert list(await log.games_played("p3")) == []


async def test_an_accounts_stream_is_a_log_like_any_other(log):
    stream = StreamId("account:anna")
    await log.append(opening())
    assert await log.append(Append(stream, 0, (GameEntered(T, "g1", "g1"), ChallengeAccepted(T, "g2")), T + 5)) == 2
    assert [each.event for each in (await log.read(stream)).recorded] == [
        GameEntered(T, "g1", "g1"),
        ChallengeAccepted(T, "g2"),
    ]
    assert await log.overdue(T + 5, 9) == [stream]
    assert len((await log.read(ROOM)).recorded) == 1


async def test_accounts_outlive_the_process(tmp_path):
    url = f"sqlite:///{tmp_path}/t.db"
    async with opened(url) as log:
        await log.add_account(ANNA)
        await log.add_token(token())
    async with opened(url) as log:
        assert await log.account_by_token("h1") == (ANNA, token())
