"""nginx in front of a server: as one would put it there (WebSockets passed on, no buffering), or as one would not."""

import contextlib
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from game_server.bench.servers import BenchError, Served, stop

START_S: Final = 5
CONFIGURATION: Final = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream tabiya {{ server {host}:{upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location / {{
            proxy_pass http://tabiya;
            {manner}
        }}
    }}
}}
"""
PASSED_ON: Final = """\
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header Host $host:$server_port;
            proxy_set_header X-Forwarded-For $remote_addr;
"""
AS_ONE_WOULD: Final = PASSED_ON + "proxy_buffering off; proxy_read_timeout 1h;"
AS_IT_COMES: Final = ""
HOLDING_BACK: Final = PASSED_ON + "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;"


@contextlib.contextmanager
def nginx(server: Served, manner: str = AS_ONE_WOULD) -> Iterator[Served]:
    """`server` as it is seen through an nginx of its own. Raises BenchError if there is none.

    `manner`: its directives beside `proxy_pass`: as one would write them; none; or such that it buffers whatever the
    server asks for.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        raise BenchError("there is no nginx here")
    with TemporaryDirectory(prefix="tabiya-bench-") as folder:
        port = free_port()
        text = CONFIGURATION.format(folder=folder, host=server.host, upstream=server.port, port=port, manner=manner)
        file = Path(folder) / "nginx.conf"
        file.write_text(text)
        process = subprocess.Popen(  # noqa: S603 - found above
            [program, "-p", folder, "-c", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            _await_port(port, process)
            name = f"{server.name} behind nginx"
            yield replace(server, name=name, host="127.0.0.1", port=port, proxy_pid=process.pid)
        finally:
            stop(process)


def free_port() -> int:
    """A port that nobody listens on now, below those that outgoing connections are given."""
    while True:
        port = random.randrange(20_000, 32_768)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", port))
            return port


def _await_port(port: int, process: "subprocess.Popen[str]") -> None:
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    said = "it does not listen" if process.stdout is None or process.poll() is None else process.stdout.read()
    raise BenchError(f"nginx did not start: {said}")
