"""Everything that who runs the server may choose, with its default.

Each is an option of `tabiya serve` (`--lan`, `--first-move-blitz-s 25`) and, in upper case with the prefix TABIYA_, a
variable of the environment (`TABIYA_FIRST_MOVE_BLITZ_S=25`). Durations are seconds.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from game_server.core.clock import Speed
from game_server.core.options import FIRST_MOVE_MS, GOODBYE_GRACE_MS, GRACE_MS, Defaults, Policy
from game_server.http.admission import host_of
from game_server.http.edge import EdgeOptions
from game_server.http.limits import NO_LIMITS, LimitOptions
from game_server.http.transport import TransportLimits
from game_server.logs import LogFormat

Seconds = Annotated[float, Field(ge=0, le=31_622_400)]
GRACE: Final = "how long the absent are waited for"
FIRST_MOVE: Final = "time for each side's first move"
SQLITE: Final = "sqlite:///"
REDIS: Final = ("redis://", "rediss://", "unix://")
DATABASES: Final = (SQLITE, "postgresql://", "postgres://")


EACH: Final = ", at each worker; 0: any number"
Count = Annotated[int, Field(ge=0)]
_L: Final = LimitOptions()
_HOST: Final = re.compile(r"[\w.:-]+", re.ASCII)


def _s(ms: int | None) -> float:
    return (ms or 0) / 1_000


class Settings(BaseSettings):
    """The settings of `tabiya serve`."""

    model_config = SettingsConfigDict(env_prefix="TABIYA_", extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    lan: bool = Field(False, description="listen on all addresses, and show the URL and QR code for others nearby")
    database_url: str = Field("sqlite:///tabiya.db", description="where everything is kept: sqlite:///FILE or postgresql://…")
    redis_url: str | None = Field(None, description="what connects several workers or machines: redis://HOST:6379/0")
    workers: int = Field(1, ge=1, le=256, description="processes; more than one needs PostgreSQL and Redis")
    ssl_certfile: Path | None = Field(None, description="certificate, for https:// and wss://")
    ssl_keyfile: Path | None = Field(None, description="its private key")
    origin: str | None = Field(None, description="how others reach this server, such as https://chess.example.org")
    allowed_origins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="other sites whose pages may connect, separated by commas (https://example.org)"
    )
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="names by which this server may be called, separated by commas; others get 400"
    )
    trusted_proxies: Annotated[frozenset[str], NoDecode] = Field(
        frozenset({"127.0.0.1", "::1"}),
        description="proxies whose X-Forwarded-For and -Proto are believed: addresses, networks (10.0.0.0/8)",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe lines logged")
    log_format: LogFormat = Field("text", description="json: one object a line, for programs that collect logs")
    rate_limits: bool = Field(True, description="off: no limit on how fast or how much anyone may ask")
    max_messages: Count = Field(_L.messages, description=f"from one seat or spectator in 20 s, moves apart{EACH}")
    max_chat: Count = Field(_L.chat, description=f"lines of chat from one seat in 10 s{EACH}")
    max_requests_per_address: Count = Field(
        _L.requests_per_address, description=f"HTTP requests in a minute, moves apart{EACH}"
    )
    max_rooms_per_address: Count = Field(_L.rooms_per_address, description=f"rooms opened in 10 min{EACH}")
    max_accounts_per_address: Count = Field(_L.accounts_per_address, description=f"accounts made in an hour{EACH}")
    max_challenges_per_account: Count = Field(
        _L.challenges_per_account, description=f"challenges, seeks and games against the computer in 10 min{EACH}"
    )
    max_connections: Count = Field(_L.connections, description=f"sockets and streams open in all{EACH}")
    max_connections_per_address: Count = Field(_L.connections_per_address, description=f"the same by address{EACH}")
    max_tcp_connections: int | None = Field(
        None, ge=0, description=f"TCP connections in all, whatever for; by default twice max-connections{EACH}"
    )
    max_tcp_connections_per_address: int | None = Field(
        None, ge=0, description=f"the same by address, proxies apart; by default twice as many as those{EACH}"
    )
    max_spectators: Count = Field(_L.spectators, description=f"in one room{EACH}")
    auto_create_rooms: bool = Field(True, description="a connection to an unknown room opens it")
    open_accounts: bool = Field(True, description="anyone may make an account (POST /accounts); off: tabiya token only")
    synchronous: Literal["FULL", "OFF"] = Field("FULL", description="SQLite: OFF risks moves in a power cut")
    engine: str | None = Field(None, description="UCI engine for playing the computer; without it Stockfish, if found")
    max_engines: int = Field(2, ge=0, description="games against the computer at once, at each worker; 0: none")
    engine_idle_s: Seconds = Field(300, gt=0, description="without a clock, an engine not asked for so long is let go")
    engine_waits_s: Seconds = Field(86_400, gt=0, description="without a clock, it claims a game left for so long")

    heartbeat_s: Seconds = Field(10, gt=0, description="how often a WebSocket is asked for a sign of life")
    heartbeat_timeout_s: Seconds = Field(10, gt=0, description="how long its answer may take")
    max_message_bytes: int = Field(8192, ge=64, description="longest message from a client, all fragments together")
    stuck_s: Seconds = Field(20, gt=0, description="a reader that takes nothing for so long is cut off")

    on_disconnect: Policy = Field("forfeit", description="what an absence costs: forfeit, claim or none")
    flicker_s: Seconds = Field(2, description="how long a connection may be gone before the opponent is told")
    goodbye_grace_s: Seconds = Field(_s(GOODBYE_GRACE_MS), description="grace after leaving on purpose, at most")
    grace_ultra_bullet_s: Seconds = Field(_s(GRACE_MS["ultra-bullet"]), description=GRACE)
    grace_bullet_s: Seconds = Field(_s(GRACE_MS["bullet"]), description=GRACE)
    grace_blitz_s: Seconds = Field(_s(GRACE_MS["blitz"]), description=GRACE)
    grace_rapid_s: Seconds = Field(_s(GRACE_MS["rapid"]), description=GRACE)
    grace_classical_s: Seconds = Field(_s(GRACE_MS["classical"]), description=GRACE)
    grace_unlimited_s: Seconds = Field(_s(GRACE_MS["unlimited"]), description=GRACE)
    first_move_ultra_bullet_s: Seconds = Field(_s(FIRST_MOVE_MS["ultra-bullet"]), description=FIRST_MOVE)
    first_move_bullet_s: Seconds = Field(_s(FIRST_MOVE_MS["bullet"]), description=FIRST_MOVE)
    first_move_blitz_s: Seconds = Field(_s(FIRST_MOVE_MS["blitz"]), description=FIRST_MOVE)
    first_move_rapid_s: Seconds = Field(_s(FIRST_MOVE_MS["rapid"]), description=FIRST_MOVE)
    first_move_classical_s: Seconds = Field(_s(FIRST_MOVE_MS["classical"]), description=FIRST_MOVE)
    linger_s: Seconds = Field(300, description="how long a room stays open after its game")
    idle_room_s: Seconds = Field(600, description="when a waiting room that nobody is in closes")
    invited_room_s: Seconds = Field(1_209_600, description="the same for one made by POST /rooms")

    @model_validator(mode="before")
    @classmethod
    def _split(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("allowed_hosts", "allowed_origins", "trusted_proxies"):
            listed = values.get(name)
            if isinstance(listed, str):
                values[name] = frozenset(part.strip() for part in listed.split(",") if part.strip())
        return values

    @field_validator("allowed_hosts")
    @classmethod
    def _host_names(cls, names: frozenset[str]) -> frozenset[str]:
        hosts = frozenset(map(host_of, names))
        if strange := [host for host in hosts if not _HOST.fullmatch(host)]:
            raise ValueError(f"{strange[0]} is no host's name: chess.example.org or 192.168.1.5, without https://")
        return hosts

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: frozenset[str]) -> frozenset[str]:
        for proxy in proxies - {"*"}:
            try:
                ip_network(proxy)
            except ValueError as error:     # the server below us would believe nobody, without a word
                raise ValueError(f"a proxy is an address or a network, 10.0.0.7 or 10.0.0.0/8: {error}") from None
        return proxies

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if not self.database_url.startswith(DATABASES):
            raise ValueError(
                "database_url is sqlite:///FILE (sqlite:////var/lib/tabiya.db is an absolute path) "
                "or postgresql://USER:PASSWORD@HOST/NAME"
            )
        if (self.workers > 1 or self.redis_url is not None) and self.database_url.startswith(SQLITE):
            raise ValueError(
                "several workers share a PostgreSQL database: give --database-url postgresql://…, "
                "or leave out --workers and --redis-url"
            )
        if self.workers > 1 and self.redis_url is None:
            raise ValueError("several workers hear of each other through Redis: give --redis-url redis://HOST:6379/0")
        if self.redis_url is not None and not self.redis_url.startswith(REDIS):
            raise ValueError("redis_url is redis://HOST:6379/0, rediss:// with TLS, or unix:///run/redis.sock")
        if (self.ssl_certfile is None) != (self.ssl_keyfile is None):
            raise ValueError("ssl_certfile and ssl_keyfile belong together: give both or none")
        for path in (self.ssl_certfile, self.ssl_keyfile):
            if path is not None and not path.is_file():
                raise ValueError(f"there is no file {path}")
        return self

    @property
    def scheme(self) -> str:
        return "https" if self.ssl_certfile else "http"

    @property
    def listen_host(self) -> str:
        return "0.0.0.0" if self.lan and self.host == "127.0.0.1" else self.host  # noqa: S104 - asked for

    def defaults(self) -> Defaults:
        """What a room has where its maker says nothing."""
        timed: tuple[Speed, ...] = ("ultra-bullet", "bullet", "blitz", "rapid", "classical")
        grace: dict[Speed, int | None] = {speed: self._ms("grace", speed) for speed in (*timed, "unlimited")}
        first_move: dict[Speed, int | None] = {speed: self._ms("first_move", speed) for speed in timed}
        return Defaults(
            grace_ms={**grace, "correspondence": None},
            goodbye_grace_ms=round(self.goodbye_grace_s * 1_000),
            first_move_ms={**first_move, "unlimited": None, "correspondence": None},
            on_disconnect=self.on_disconnect,
            flicker_ms=round(self.flicker_s * 1_000),
            linger_ms=round(self.linger_s * 1_000),
            idle_ms=round(self.idle_room_s * 1_000),
            invited_idle_ms=round(self.invited_room_s * 1_000),
        )

    def _ms(self, what: str, speed: str) -> int:
        return round(float(getattr(self, f"{what}_{speed.replace('-', '_')}_s")) * 1_000)

    def transport_limits(self) -> TransportLimits:
        return TransportLimits(
            heartbeat_s=self.heartbeat_s,
            heartbeat_timeout_s=self.heartbeat_timeout_s,
            max_message_bytes=self.max_message_bytes,
            stuck_s=self.stuck_s,
            max_connections=self._tcp(self.max_tcp_connections, self.max_connections),
            max_connections_per_address=self._tcp(
                self.max_tcp_connections_per_address, self.max_connections_per_address
            ),
        )

    def _tcp(self, chosen: int | None, lasting: int) -> int:
        """A browser that plays has a WebSocket and some connections that it has loaded the page with."""
        if not self.rate_limits:
            return 0
        return 2 * lasting if chosen is None else chosen

    def edge_options(self, origin: str | None) -> EdgeOptions:
        """`origin` is how others reach this server, as far as its start could tell."""
        return EdgeOptions(
            defaults=self.defaults(),
            auto_create_rooms=self.auto_create_rooms,
            heartbeat_s=self.heartbeat_s,
            allowed_origins=self.allowed_origins | ({origin} if origin else set()),
            origin=origin,
            open_accounts=self.open_accounts,
            limits=self.limits(),
        )

    def limits(self) -> LimitOptions:
        if not self.rate_limits:
            return NO_LIMITS
        return LimitOptions(
            messages=self.max_messages,
            chat=self.max_chat,
            rooms_per_address=self.max_rooms_per_address,
            accounts_per_address=self.max_accounts_per_address,
            challenges_per_account=self.max_challenges_per_account,
            connections=self.max_connections,
            connections_per_address=self.max_connections_per_address,
            spectators=self.max_spectators,
            requests_per_address=self.max_requests_per_address,
        )
