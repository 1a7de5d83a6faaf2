"""`python -m game_server`, the same as `tabiya`."""

import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status."""
    gc.disable()    # a hundred thousand objects are loaded that stay (further workers load them as they are unpickled)
    from game_server import command_line

    gc.freeze()
    gc.enable()
    return command_line.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
