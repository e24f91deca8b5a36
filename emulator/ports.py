"""The port that a person names on the command line, and the sentence for one that cannot be used."""

import argparse
import errno

LARGEST_PORT = 65_535


def read_port(text: str) -> int:
    """Read a port; 0 takes a free one. Raises `ArgumentTypeError` for anything else."""
    if not (text.isascii() and text.isdecimal() and int(text) <= LARGEST_PORT):
        raise argparse.ArgumentTypeError(f"'{text}' is no port: give a number up to {LARGEST_PORT}, as PORT=7072")
    return int(text)


def explain_port(error: OSError, port: int) -> str:
    """Return why nothing can listen at `port`, and what to do, in one sentence."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: stop the program that has it, or give another, as PORT=7072."
    if error.errno == errno.EACCES:
        return f"Port {port} is not allowed to you: give one above 1023, as PORT=7072."
    return f"Cannot listen on port {port}, {error.strerror}: give another, as PORT=7072."
