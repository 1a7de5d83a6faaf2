"""Accounts as the Lichess API shows them: `/api/token/test`, `/api/account…`, `/api/user…`, `/api/bot/online`."""

from typing import Final

from starlette.responses import Response

from game_server.core.account import account_id, player_of
from game_server.core.clock import parse_time_control
from game_server.core.ids import AccountId
from game_server.http import account_auth as auth
from game_server.http.account_auth import BOT_PLAY
from game_server.http.edge import Edge
from game_server.http.lichess_door import OK, ApiError, Call
from game_server.http.ndjson import line
from game_server.rooms.embargo import under_embargo
from game_server.rooms.live_account import LiveAccount
from game_server.store.book import AccountRow
from game_server.store.log import FinishedGame
from game_server.wire import lichess
from game_server.wire.lichess import Json

MOST_TOKENS: Final = 1_000
MOST_USERS: Final = 300
LOOKED_AT: Final = 30
PERF_KEYS: Final = ("ultraBullet", "bullet", "blitz", "rapid", "classical", "correspondence", "chess960")


async def test_tokens(call: Call) -> Json:
    """What each of the tokens in the body, separated by commas, is good for."""
    texts = (await call.raw()).decode(errors="replace").split(",")
    return {text.strip(): await _tested(call.edge, text.strip()) for text in texts[:MOST_TOKENS] if text.strip()}


async def _tested(edge: Edge, token: str) -> Json | None:
    me = await auth.me_by(edge, token)
    return {"userId": me.id, "scopes": ",".join(me.token.scopes), "expires": None} if me else None


async def revoke_token(call: Call) -> Response:
    """Revokes the token of this request."""
    me = await call.me()
    await call.edge.log.revoke(me.token.token_hash)
    return Response(status_code=204)


async def profile(edge: Edge, row: AccountRow) -> Json:
    games = dict.fromkeys(PERF_KEYS, 0)
    for time, count in await edge.log.games_played(player_of(row.id)):
        games[lichess.speed_key(parse_time_control(time))] += count
    for _, game in await _untold(edge, row.id):
        games[lichess.speed_key(parse_time_control(game.time_control))] -= 1
    played = sum(games.values())
    user: Json = {
        "id": row.id,
        "username": row.name,
        "perfs": {
            key: {"games": count, "rating": 1_500, "rd": 500, "prog": 0, "prov": True} for key, count in games.items()
        },
        "createdAt": row.created_ms,
        "seenAt": edge.now() if edge.accounts.is_online(row.id) else row.created_ms,
        "playTime": {"total": 0, "tv": 0},
        "count": {"all": played, "rated": 0},
        "blocking": False,
        "online": edge.accounts.is_online(row.id),
    }
    return user | ({"title": row.title} if row.title else {})


async def account(call: Call) -> Json:
    """The profile of the account whose token this is."""
    return await profile(call.edge, (await call.me()).account)


async def playing(call: Call) -> Json:
    """The account's running games."""
    me = await call.me()
    accounts = call.edge.accounts
    now_ms = call.edge.now()
    rooms = await accounts.playing(await accounts.find(me.id))
    games = [lichess.game_info(room, color, now_ms) for room, color in rooms]
    return {"nowPlaying": games[: _most(call, len(games))]}


def _most(call: Call, default: int) -> int:
    """How many `nb` asks for."""
    text = call.query.get("nb", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default


async def upgrade(call: Call) -> Json:
    """Makes the account a bot, for good; only before its first game."""
    me = await call.me(BOT_PLAY)
    if me.is_bot:
        return OK
    live = await call.edge.accounts.find(me.id)
    if live.account.entered or await call.edge.log.games_played(player_of(me.id)):
        raise ApiError(400, "Your account has already played games: a bot needs a new one")
    await call.edge.log.set_title(me.id, "BOT")
    return OK


async def user(call: Call) -> Json:
    """A profile."""
    row = await call.edge.log.account(account_id(call.path["user"]))
    if row is None:
        raise ApiError(404, "No such user")
    return await profile(call.edge, row)


async def users(call: Call) -> list[Json]:
    """Profiles, of the ids in the body, separated by commas."""
    ids = (await call.raw()).decode(errors="replace").split(",")[:MOST_USERS]
    rows = [await call.edge.log.account(account_id(text.strip())) for text in ids if text.strip()]
    return [await profile(call.edge, row) for row in rows if row is not None]


async def users_status(call: Call) -> list[Json]:
    """Who of `ids` (separated by commas) is online, and who is playing."""
    found: list[Json] = []
    for text in call.query.get("ids", "").split(",")[:MOST_USERS]:
        row = await call.edge.log.account(account_id(text.strip())) if text.strip() else None
        if row is not None:
            status: Json = {"id": row.id, "name": row.name}
            status |= {"title": row.title} if row.title else {}
            live = await call.edge.accounts.find(row.id)
            status |= {"online": True} if live.is_online else {}
            status |= {"playing": True} if await _is_shown_playing(call.edge, live) else {}
            found.append(status)
    return found


async def _untold(edge: Edge, account_id: AccountId) -> list[tuple[int, FinishedGame]]:
    """The account's latest games of which others cannot know yet that they are over, each after its delay (ms)."""
    rows = await edge.log.games_of(player_of(account_id), LOOKED_AT, None, only_public=False)
    late = await under_embargo(edge.log, rows, edge.now())
    return [(late[row.game_id], row) for row in rows if row.game_id in late]


async def _is_shown_playing(edge: Edge, account: LiveAccount) -> bool:
    """Whether the account plays a game as far as others can see by now."""
    for entered in account.account.games:
        live = await edge.directory.glance(entered.room_id)
        if live is not None and live.shown.room.status == "playing":
            return True
    now_ms = edge.now()
    return any(row.started_ms + delay_ms <= now_ms for delay_ms, row in await _untold(edge, account.id))


async def bots_online(call: Call) -> Response:
    """The bots that are online, one a line."""
    most = _most(call, 100)
    lines: list[str] = []
    for account_id_ in call.edge.accounts.online():
        row = await call.edge.log.account(account_id_)
        if row is not None and row.title == "BOT" and len(lines) < most:
            lines.append(line(await profile(call.edge, row)) + "\n")
    return Response("".join(lines), media_type="application/x-ndjson")
