"""Whether this process lives, and whether it can serve."""

from fastapi import APIRouter

from game_server.http.problems import documented
from game_server.http.rooms import TheEdge
from game_server.store.log import Unavailable
from game_server.wire.documents import Health, Readiness

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok")


@router.get("/readyz", responses=documented(503))
async def readyz(edge: TheEdge) -> Readiness:
    """Answers 200 if games can be played here now: the store can write, and the server is not stopping.

    A bus that is `away` costs players on different workers up to a second a move, and no more: `status` is `degraded`.
    """
    if edge.is_draining:
        raise Unavailable("the server is stopping")
    await edge.log.ready()
    bus = edge.bus
    if bus.is_alone:
        return Readiness(status="ready", store="ready", bus="alone", worker=bus.worker, workers=1)
    is_sighted, workers = bus.sighted_ms() is not None, 1 + len(list(bus.workers()))
    return Readiness(
        status="ready" if is_sighted else "degraded",
        store="ready",
        bus="ready" if is_sighted else "away",
        worker=bus.worker,
        workers=workers,
    )
