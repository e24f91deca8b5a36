"""Calling the hub's gRPC methods directly, as a host does that shares a process with its hub."""

from typing import NoReturn, cast

import grpc

from emulator.host.hub.service import HubRefusedError


class _InProcessContext:
    """The part of `grpc.ServicerContext` that the backend uses."""

    @staticmethod
    def abort(code: grpc.StatusCode, details: str) -> NoReturn:
        raise HubRefusedError(code, details)

    @staticmethod
    def is_active() -> bool:
        return True

    @staticmethod
    def time_remaining() -> None:
        return None


in_process = cast("grpc.ServicerContext", _InProcessContext())
