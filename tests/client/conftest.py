"""The client is tested against real server processes, as the system is."""

from tests.system.conftest import module_server, server, starter

__all__ = ["module_server", "server", "starter"]
