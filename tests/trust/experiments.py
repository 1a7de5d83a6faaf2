"""All experiments, by the name that the command line and the tests know them by, in the order of the table."""

from tests.trust import clocks, documents, kills, model, storage, workers
from tests.trust.finding import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    # who reads slowly, and who comes with bad intentions
    # crashes, of processes and of what they stand on
    "kills": kills.kills,
    "workers": workers.workers,
    "full-disk": storage.full_disk,
    "failing-disk": storage.failing_disk,
    "read-only-file": storage.read_only_file,
    "damaged-page": storage.damaged_page,
    "clock-steps": clocks.steps,
    "stall": clocks.stall,
    "feeds": model.feeds,
    "documents": documents.documents,
}
