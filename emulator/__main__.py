"""`python -m emulator PART`: each part is a package whose module `command` has `configure` and `main`."""

import argparse
import asyncio
import importlib
import os
import sys
from typing import NoReturn

PARTS = {
    "start": "everything: identity, Graph and the Functions host for the app in the current folder, until Ctrl-C",
    "run": "everything, for one run that is shown as it happens, by default on the documented sample alert",
    "demo": "everything, for one run that meets an earlier scan, throttling and a killed host; each step is a line",
    "host": "the Functions host alone, for the app in the current folder",
    "taskhub": "the task hub alone, for Functions hosts that come and go",
    "graph": "Microsoft Graph alone",
    "identity": "the managed identity endpoint alone",
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without all that would be right."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]} (options: {self.prog} --help)\n")


def main() -> int:
    parts = "\n".join(f"  {name:<9} {meaning}" for name, meaning in PARTS.items())
    parser = Parser(
        prog="python -m emulator",
        description="Azure around a Functions app, on loopback.",
        epilog=f"parts:\n{parts}\n\n'python -m emulator PART --help' lists the options of a part.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", choices=PARTS, metavar="PART")
    parser.add_argument("options", nargs=argparse.REMAINDER, metavar="...")
    arguments = parser.parse_args()

    options = Parser(prog=f"python -m emulator {arguments.part}", description=f"Emulates {PARTS[arguments.part]}.")
    try:
        command = importlib.import_module(f"emulator.{arguments.part}.command")
        command.configure(options)
        code = int(asyncio.run(command.main(options.parse_args(arguments.options))))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has enough, as `head` has. What is left goes nowhere, or Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
