"""All experiments, by the name that the command line and the tests know them by, in the order of the table."""

from tests.trust import (
    clocks,
    conformance,
    documents,
    handshakes,
    kills,
    messages,
    model,
    secrecy,
    slow_readers,
    storage,
    workers,
)  # fmt: skip
from tests.trust.finding import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    # who reads slowly, and who comes with bad intentions
    "slow_readers": slow_readers.stopped_reading,
    "slow_handshakes": handshakes.slow_handshakes,
    "malformed": handshakes.malformed,
    "paths": handshakes.paths,
    "origins": handshakes.origins,
    "autobahn": conformance.autobahn,
    "messages": messages.hostile_messages,
    "secrets": secrecy.kept_secrets,
    "entropy": secrecy.entropy,
    "forged_log_lines": secrecy.forged_lines,
    "browsers": secrecy.told_to_browsers,
    # crashes, of processes and of what they stand on
    "kills": kills.kills,
    "workers": workers.workers,
    "full_disk": storage.full_disk,
    "failing_disk": storage.failing_disk,
    "read_only_file": storage.read_only_file,
    "damaged_page": storage.damaged_page,
    "clock_steps": clocks.steps,
    "stall": clocks.stall,
    "feeds": model.feeds,
    "documents": documents.documents,
}
