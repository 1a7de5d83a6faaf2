"""`tabiya token NAME`: makes an account and prints an API token for it, once; also beside a running server."""

import argparse
import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING

from game_server.core.account import account_id, checked_account_name
from game_server.core.refusals import Refused
from game_server.http import account_auth as auth
from game_server.store.book import AccountRow
from game_server.store.dialect import CannotOpen
from game_server.store.log import EventLog, Unavailable
from game_server.store.sql import open_log

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

DATABASE_URL = "sqlite:///tabiya.db"
EXIT_REFUSED = 1
EXIT_USAGE = 2


def add_arguments(commands: "Commands") -> None:
    parser = commands.add_parser(
        "token",
        help="make an account and print its API token",
        description="Makes the account NAME if there is none, and prints a new API token for it, which is not shown "
        "again: put it where your bot reads it. Works beside a running server.",
    )
    parser.add_argument("name", metavar="NAME", help="2 to 30 letters, digits, - and _")
    parser.add_argument("--bot", action="store_true", help="the account is a bot's (title BOT)")
    parser.add_argument("--revoke", action="store_true", help="revoke all tokens of the account instead")
    parser.add_argument("--scopes", metavar="LIST", help=f"what it is good for (default: {','.join(auth.SCOPES)})")
    parser.add_argument(
        "--database-url",
        default=os.environ.get("TABIYA_DATABASE_URL", DATABASE_URL),
        metavar="TEXT",
        help=f"where everything is kept, as the server has it (default: {DATABASE_URL})",
    )


def run(name: str, database_url: str, *, bot: bool, revoke: bool, scopes: str | None) -> int:
    """Does it; the exit status. The token, and nothing else, is printed to standard output."""
    wanted = tuple(part.strip() for part in scopes.split(",")) if scopes else auth.SCOPES
    if unknown := [scope for scope in wanted if scope not in auth.SCOPES]:
        print(f"tabiya: --scopes: {unknown[0]!r} is none of {', '.join(auth.SCOPES)}", file=sys.stderr)
        return EXIT_USAGE
    try:
        print(asyncio.run(_carried_out(name, database_url, bot=bot, revoke=revoke, scopes=wanted)))
    except Refused as refused:
        print(f"tabiya: {refused.message}", file=sys.stderr)
        return EXIT_USAGE
    except (CannotOpen, Unavailable) as error:
        print(f"tabiya: {error}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


async def _carried_out(name: str, url: str, *, bot: bool, revoke: bool, scopes: tuple[str, ...]) -> str:
    checked_account_name(name)
    log = await open_log(url, exclusive=False)
    try:
        if revoke:
            return f"{await log.revoke_all(account_id(name))} revoked"
        row = await _account(log, name, is_bot=bot)
        return await auth.issued(log, row.id, _now_ms(), scopes)
    finally:
        await log.close()


async def _account(log: EventLog, name: str, *, is_bot: bool) -> AccountRow:
    """The account, made or given its title if need be."""
    title = "BOT" if is_bot else None
    row = await log.account(account_id(name))
    if row is None:
        return await auth.made_account(log, name, "BOT" if is_bot else None, _now_ms())
    if title is not None and row.title != title:
        await log.set_title(row.id, "BOT")
    return row


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
