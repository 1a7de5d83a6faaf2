"""All experiments, by the name that the command line and the tests know them by, in the order of the table."""

from tests.trust import conformance, handshakes, messages, secrecy, slow_readers
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
}
