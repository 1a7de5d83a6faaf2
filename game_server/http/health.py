"""Whether this process lives, and whether it can serve."""

from fastapi import APIRouter

from game_server.http.problems import documented
from game_server.http.rooms import TheEdge
from game_server.store.log import Unavailable
from game_server.wire.documents import Health

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
async def readyz(edge: TheEdge) -> Health:
    """Answers 200 if games can be played here now: the store can write, and the server is not stopping."""
    if edge.is_draining:
        raise Unavailable("the server is stopping")
    await edge.log.ready()
    return Health(status="ready")
