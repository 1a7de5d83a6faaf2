"""An account's events, as a bot follows them: challenges, and the games it is in, over `GET /sse/me`.

The stream is read in a thread, as the other requests are made (`rooms`); it comes back by itself, and then begins with
everything anew, so nothing that happened meanwhile is missed.
"""

import asyncio
import json
import logging
import ssl
import threading
import time
import urllib.error
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any, Final

from game_server.client.address import Address
from game_server.client.endings import BadToken, Unreachable
from game_server.client.patience import Patience
from game_server.client.rooms import asked_for, opener
from game_server.wire.close import CloseCode

logger = logging.getLogger("tabiya.client")

Event = dict[str, Any]
PATH: Final = "/sse/me"
TOO_MANY_REQUESTS: Final = 429   # it comes back, later and later
SILENCE_S: Final = 25   # the server says something every 10 s
DATA: Final = b"data: "


async def account_events(
    place: Address, token: str, *, tls: ssl.SSLContext | None = None, patience: Patience | None = None
) -> AsyncGenerator[Event, None]:
    """The account's events without end; `me`, which is everything, first and after every loss of the connection.

    Raises BadToken, or Unreachable when nobody answers for too long.
    """
    patience = patience or Patience()
    attempt, good_at_s, was_good = 0, time.monotonic(), False
    while True:
        fault: object = "the stream has ended"
        try:
            async with aclosing(_connection(place, token, tls)) as events:
                async for event in events:
                    yield event
                    attempt, good_at_s, was_good = 0, time.monotonic(), True
        except OSError as error:
            fault = getattr(error, "reason", None) or error
        if time.monotonic() - good_at_s > (patience.later_s if was_good else patience.first_s):
            raise Unreachable(f"{place.origin} does not answer: {fault}")
        attempt += 1
        pause_s = patience.pause_s(attempt)
        logger.info("%s: not connected (%s); back in %.1f s", place.origin, fault, pause_s)
        await asyncio.sleep(pause_s)


async def _connection(place: Address, token: str, tls: ssl.SSLContext | None) -> AsyncGenerator[Event, None]:
    """One connection's events until it ends. Raises OSError, BadToken, or Unreachable if it is hopeless."""
    loop, heard = asyncio.get_running_loop(), asyncio.Queue[Event | Exception | None]()
    is_gone = threading.Event()

    def tell(item: Event | Exception | None) -> bool:
        with suppress(RuntimeError):    # the loop has closed
            loop.call_soon_threadsafe(heard.put_nowait, item)
        return not is_gone.is_set()

    threading.Thread(target=_read, args=(place, token, tls, tell), name="events", daemon=True).start()
    try:
        while (item := await heard.get()) is not None:
            if isinstance(item, Exception):
                raise item
            if item:
                yield item
    finally:
        is_gone.set()   # the thread ends with the next line, a keep-alive at the latest


def _read(
    place: Address, token: str, tls: ssl.SSLContext | None, tell: Callable[[Event | Exception | None], bool]
) -> None:
    """Tells of every line that comes (one without data as an empty event), as long as somebody listens."""
    try:
        with opener(place, tls).open(asked_for("GET", place, PATH, token=token), timeout=SILENCE_S) as response:
            for line in response:
                if not tell(json.loads(line[len(DATA) :]) if line.startswith(DATA) else {}):
                    return
        tell(None)
    except urllib.error.HTTPError as error:
        tell(_hopeless(place, error) or OSError(f"HTTP {error.code}"))
    except urllib.error.URLError as error:
        tell(_untrusted(place, error) or error)
    except (OSError, ValueError) as error:      # cut off, also in the middle of a line
        tell(OSError(str(error) or type(error).__name__))
    except Exception as error:  # noqa: BLE001 - the thread's boundary: http.client has errors of its own
        tell(OSError(str(error) or type(error).__name__))


def _hopeless(place: Address, error: urllib.error.HTTPError) -> Exception | None:
    if error.code in (401, 403):
        return BadToken(CloseCode.BAD_TOKEN, "no account has this token here")
    if error.code < 500 and error.code != TOO_MANY_REQUESTS:
        return Unreachable(f"{place.origin} answered HTTP {error.code}: no chess server there?")
    return None


def _untrusted(place: Address, error: urllib.error.URLError) -> Exception | None:
    if isinstance(error.reason, ssl.SSLCertVerificationError):
        return Unreachable(f"{place.origin} is not trusted: {error.reason.verify_message}")
    return None
