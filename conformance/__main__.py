"""`python -m conformance` is the command `conformance`."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python has put the working folder in front, whose modules aren't to stand in for others.
    del sys.path[0]

from conformance.command.cli import main

if __name__ == "__main__":
    main(prog_name="conformance")
