"""`tabiya bot` and `tabiya bot match`: engines at the table, from the command line."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from game_server.client import create_room, join
from game_server.client.address import Address, address
from game_server.client.arguments import TOKEN_VARIABLE, bot_parser, match_parser, with_tokens_joined
from game_server.client.bot import Habits, play
from game_server.client.elo import Score
from game_server.client.endings import ClientError
from game_server.client.engine import Engine, EngineFault, EngineSpec, Pace
from game_server.client.match import Plan, Played, Report, play_match
from game_server.client.mover import Manners, Mover, RandomMover
from game_server.client.online import Online, Terms, told
from game_server.client.openings import BadOpening, openings_for
from game_server.client.seat import Seat
from game_server.core.clock import parse_time_control
from game_server.core.refusals import Refused
from game_server.wire.inbound import MAX_NAME_CHARS
from game_server.wire.requests import ACCOUNT_TOKEN_PREFIX

RANDOM: Final = "random"
INTERRUPTED: Final = 130


def main(words: Sequence[str]) -> int:
    """Runs `tabiya bot …`; its exit status: 0 when all was played, 1 if it could not be, 2 for a wrong command."""
    is_match = list(words[:1]) == ["match"]
    asked = (
        match_parser().parse_args(words[1:]) if is_match else bot_parser().parse_args(with_tokens_joined(words))
    )
    logging.basicConfig(
        level=logging.INFO if asked.verbose else logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr
    )
    work: Callable[[argparse.Namespace], Awaitable[None]] = run_match if is_match else run_bot
    try:
        asyncio.run(_awaited(work(asked)))
    except (ClientError, Refused, BadOpening, OSError, ValueError) as error:
        print(f"tabiya bot: {error.message if isinstance(error, Refused) else error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


async def _awaited(work: Awaitable[None]) -> None:
    await work


def _mover(asked: argparse.Namespace, prefix: str = "") -> Callable[[], Mover]:
    """What makes the mover, which is wanted once per table. Raises EngineFault if there is no such engine."""
    command: str = getattr(asked, f"{prefix}engine")
    skill, elo = getattr(asked, f"{prefix}skill"), getattr(asked, f"{prefix}elo")
    if command == RANDOM:
        if skill is not None or elo is not None:
            raise EngineFault("the random mover has no strength to set: leave out its --skill and --elo")
        return RandomMover
    spec = EngineSpec(
        command,
        skill=skill,
        elo=elo,
        options=dict(getattr(asked, f"{prefix}option")),
        pace=Pace(move_s=asked.move_time, nodes=asked.nodes, depth=asked.depth, margin_ms=asked.margin),
        manners=Manners(resign_cp=asked.resign, draw_cp=asked.draw),
    )
    Engine(spec)    # it is there
    return lambda: Engine(spec)


def _name(asked: argparse.Namespace, prefix: str = "") -> str:
    """As asked for; else what the engine is called, and how strong it was set."""
    name: str | None = getattr(asked, f"{prefix}name")
    if name is None:
        command: str = getattr(asked, f"{prefix}engine")
        name = "Random mover" if command == RANDOM else Path(command.split()[0]).stem.capitalize()
        skill, elo = getattr(asked, f"{prefix}skill"), getattr(asked, f"{prefix}elo")
        name += f" (skill {skill})" if skill is not None else f" (Elo {elo})" if elo is not None else ""
    return name[:MAX_NAME_CHARS]


# What they do


async def run_bot(asked: argparse.Namespace) -> None:
    """One bot: online, if it has an account and no room is named, else in one room."""
    habits = Habits(
        takebacks=not asked.no_takebacks, rematches=-1 if asked.rematches == "all" else int(asked.rematches)
    )
    token: str | None = asked.token or os.environ.get(TOKEN_VARIABLE)
    place = address(asked.url, asked.room)
    if token is not None and token.startswith(ACCOUNT_TOKEN_PREFIX) and place.room_id is None:
        terms = Terms(asked.variants, asked.speeds, asked.against, asked.at_once)
        await Online(place, token, _mover(asked), terms, habits, tell=partial(print, flush=True)).run()
    else:
        await _run_in_room(asked, place, token, habits)


async def _run_in_room(asked: argparse.Namespace, place: Address, token: str | None, habits: Habits) -> None:
    """One bot in one room, until the room or the opponent has had enough."""
    name = _name(asked)
    async with _mover(asked)() as mover:
        if place.room_id is None:
            ticket = await create_room(
                place.origin, token=token, time=asked.time, variant=asked.variant, color=asked.color, name=name
            )
            place, token = address(place.origin, ticket.room_id), ticket.token
            print(f"A new room; the opponent opens {ticket.url}", flush=True)
        wishes = {"color": asked.color, "time": asked.time, "variant": asked.variant}
        async with join(place.page, name=name, token=token, **wishes) as seat:
            print(f"{name} has a seat in {place.page}  (Ctrl-C leaves)", flush=True)
            await _played(seat, mover, habits)


async def _played(seat: Seat, mover: Mover, habits: Habits) -> None:
    try:
        await play(seat, mover, habits, lambda view: print(told(seat, view), flush=True))
    finally:
        if seat.view.is_playing and not seat.is_over:
            key = "the same token" if seat.token.startswith(ACCOUNT_TOKEN_PREFIX) else f"--token {seat.token}"
            print(f"The game goes on: come back before the grace period ends, with {key}")


async def run_match(asked: argparse.Namespace) -> None:
    parse_time_control(asked.time)
    openings = openings_for(asked.variant, asked.openings)
    names = (_name(asked, "first_"), _name(asked, "second_"))
    plan = Plan(
        server=address(asked.url),
        names=names if names[0] != names[1] else (names[0], f"{names[1][: MAX_NAME_CHARS - 4]} (2)"),
        movers=(_mover(asked, "first_"), _mover(asked, "second_")),
        games=asked.games,
        openings=openings,
        time=asked.time,
        variant=asked.variant,
        is_public=not asked.private,
        concurrency=asked.concurrency,
    )
    with asked.pgn.open("a", encoding="utf-8") as file:

        def tell(played: Played, score: Score) -> None:
            file.write(f"{played.pgn.strip()}\n\n\n")
            file.flush()
            ending = f"{played.result} ({played.reason}, {(played.plies + 1) // 2} moves)"
            side = f"{plan.names[0]} as {played.first}"
            print(f"Game {played.number} of {plan.games}: {ending}, {side}; {_tally(score)}", flush=True)

        report = Report(on_table=lambda page: print(f"Watch at {page}", flush=True), on_game=tell)
        print(f"{plan.names[0]} against {plan.names[1]}: {plan.games} games of {plan.time}, {plan.variant}", flush=True)
        try:
            await play_match(plan, report)
        finally:
            print(f"{plan.names[0]} - {plan.names[1]}: {report.score}")
            print(f"The games are in {asked.pgn}", flush=True)


def _tally(score: Score) -> str:
    return f"{score.points:g} - {score.games - score.points:g}"
