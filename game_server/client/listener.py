"""Following a room: one WebSocket that comes back by itself, from where it was.

A listener is a position in the room's one list of frames (`epoch:v`). It connects with that position, applies what it
missed, and goes on. Back-off doubles, with jitter, and begins anew once a connection was good.
"""

import asyncio
import itertools
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final, Self

from pydantic import ValidationError
from pydantic_core import from_json
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from game_server.client.address import Address
from game_server.client.endings import ClientError, GameEnded, Unreachable, ending_of
from game_server.client.patience import Patience
from game_server.client.view import RoomView, first_view, opened_view, present, seen
from game_server.wire import outbound as out

logger = logging.getLogger("tabiya.client")

Event = out.StateFrame | out.EventFrame | out.PresenceFrame
OPEN_S: Final = 10          # a handshake that takes longer is tried again
SIGN_OF_LIFE_S: Final = 10  # how often the server is asked for one, and how long it may take: half-open connections end
CLOSE_S: Final = 2


class Listener:
    """Follows one room; `async with` it. `watch` makes one for a spectator.

    `view` is the room as of the latest frame. One task of its own reads; it ends with the `async with`.
    """

    path: ClassVar[str] = "ws/watch"

    def __init__(
        self, place: Address, *, tls: ssl.SSLContext | None = None, patience: Patience | None = None
    ) -> None:
        self.place = place
        self.reconnects = 0
        self._tls = tls
        self._patience = patience or Patience()
        self._view: RoomView | None = None
        self._frames: list[Event] = []
        self._ending: BaseException | None = None
        self._socket: ClientConnection | None = None
        self._is_good = False
        self._was_good = False
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connected, and the room is known. Raises Ended or Unreachable."""
        self._task = asyncio.create_task(self._run(), name=f"room {self.place.room_id}")
        try:
            await self.until(lambda: self._is_known)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Leaves; a player's seat is held for a short while. Closing twice is harmless."""
        if self._task is None:
            return
        self._ending = self._ending or ClientError("this client has left the room")
        if self._socket is not None:
            await self._socket.close()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @property
    def view(self) -> RoomView:
        """The room as of the latest frame."""
        assert self._view is not None, "use `async with`: the room is known inside it"
        return self._view

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended for good."""
        return self._ending is not None

    async def events(self) -> AsyncIterator[Event]:
        """Every frame since the connection was made, oldest first: the first is `state`. Ends when the room closes.

        Raises the `Ended` that says why, if anything else ended the connection.
        """
        for number in itertools.count():
            try:
                await self.until(partial(self._has_shown, number))
            except GameEnded:
                return
            yield self._frames[number]

    def _has_shown(self, number: int) -> bool:
        return len(self._frames) > number

    # Waiting

    @property
    def _is_known(self) -> bool:
        return self._view is not None

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Returns once `is_so()`; it is asked again after every frame.

        Raises what has ended the connection, if that comes first.

        >>> await seat.until(lambda: seat.opponent is not None)     # doctest: +SKIP
        """
        while not is_so():
            if self._ending is not None:
                raise self._ending
            await self._news.wait()

    def _notify(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # The connection

    async def _run(self) -> None:
        try:
            await self._stay_connected()
        except Exception as error:  # noqa: BLE001 - the task's boundary: raised to whoever waits
            self._ending = self._ending or error
        finally:
            self._is_good = False
            self._notify()

    async def _stay_connected(self) -> None:
        """Connects again and again. Raises Ended when told so, Unreachable when nobody answers for too long."""
        attempt, good_at_s = 0, time.monotonic()
        while True:
            fault = await self._connect_once()
            if self._is_good:
                attempt, good_at_s = 0, time.monotonic()
                self._is_good, self._was_good = False, True
            gone_s = time.monotonic() - good_at_s
            if gone_s > (self._patience.later_s if self._was_good else self._patience.first_s):
                raise Unreachable(f"{self.place.origin} does not answer: {fault}")
            attempt += 1
            pause_s = self._patience.pause_s(attempt)
            logger.info("room %s: not connected (%s); back in %.1f s", self.place.room_id, fault, pause_s)
            await asyncio.sleep(pause_s)

    async def _connect_once(self) -> str:
        """One connection from its handshake to its loss: why it was lost. Raises Ended, or Unreachable for good."""
        try:
            async with connect(
                self._url(),
                additional_headers=self._headers(),
                compression=None,
                proxy=None if self.place.is_local else True,
                ssl=self._tls,
                open_timeout=OPEN_S,
                ping_interval=SIGN_OF_LIFE_S,
                ping_timeout=SIGN_OF_LIFE_S,
                close_timeout=CLOSE_S,
                max_size=None,
            ) as socket:
                return await self._listen(socket)
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"{self.place.origin} is not trusted: {error.verify_message}") from None
        except InvalidStatus as error:
            status = error.response.status_code
            if status < 500 and not self._was_good:
                raise Unreachable(f"{self.place.origin} answered HTTP {status}: no chess server there?") from None
            return f"HTTP {status}"
        except (OSError, InvalidHandshake) as error:
            return str(error) or type(error).__name__

    async def _listen(self, socket: ClientConnection) -> str:
        self._socket = socket
        try:
            while True:
                self._hear(await socket.recv())
        except ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            ending = ending_of(code, reason)
            if ending is not None:
                raise ending from None
            return f"{reason or 'connection lost'} ({code})"
        finally:
            self._socket = None
            self.reconnects += self._is_good

    def _url(self) -> str:
        return self.place.socket(self.path, since=self._position)

    def _headers(self) -> dict[str, str]:
        return {}

    @property
    def _position(self) -> str | None:
        return f"{self._view.epoch}:{self._view.v}" if self._view else None

    # The frames

    def _hear(self, text: str | bytes) -> None:
        try:
            frame = out.server_message.validate_json(text)
        except ValidationError:
            self._pass_over(text)
            return
        self._take(frame)
        self._notify()

    def _pass_over(self, text: str | bytes) -> None:
        """A frame of a type that this version does not know: what counts is that it was the next."""
        frame: dict[str, Any] = from_json(text)
        logger.warning("room %s: a frame of unknown type %.40r", self.place.room_id, frame.get("type"))
        if self._view is not None and isinstance(frame.get("v"), int) and frame["v"] == self._view.v + 1:
            self._view = replace(self._view, v=frame["v"])

    def _take(self, frame: Any) -> None:
        self._is_good = True
        match frame:
            case out.StateFrame():
                self._view = first_view(frame, self._view)
            case out.RoomOpenedFrame() if self._view is None:
                self._view = opened_view(frame)
            case out.PresenceFrame() if self._view is not None:
                self._view = present(self._view, frame)
            case out.WelcomeFrame() | out.AckFrame() | out.ErrorFrame() | out.PongFrame():
                return
            case _:
                assert self._view is not None, "the first frame is `state`, or what follows a position"
                if frame.v != self._view.v + 1:
                    raise ClientError(f"version {frame.v} came after {self._view.v}: the server's fault")
                self._view = seen(self._view, frame)
        self._frames.append(frame)
