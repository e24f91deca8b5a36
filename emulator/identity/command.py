"""`python -m emulator identity`: a managed identity endpoint for any app on this machine."""

import argparse

from emulator.identity.server import IdentityServer
from emulator.loopback import serve_until_stopped
from emulator.tokens import READ, READ_WRITE


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 takes a free port (the default)")
    parser.add_argument(
        "--role",
        action="append",
        metavar="NAME",
        help=f"an application permission that is granted; repeatable (default: {READ} and {READ_WRITE})",
    )
    parser.add_argument(
        "--token-lifetime", type=int, default=86_400, metavar="S", help="seconds a token is good for (%(default)s)"
    )
    parser.add_argument("--secret", metavar="TEXT", help="the value of IDENTITY_HEADER (default: random)")


async def main(arguments: argparse.Namespace) -> int:
    identity = IdentityServer(
        roles=arguments.role or (READ, READ_WRITE),
        token_lifetime=arguments.token_lifetime,
        secret=arguments.secret,
        port=arguments.port,
    )

    def announce() -> None:
        print(f"Managed identity at {identity.base_url}, for an app with")
        for name, value in identity.environment.items():
            print(f"  {name}={value}", flush=True)

    return await serve_until_stopped(identity, announce)
