"""Calling the hub's gRPC methods directly: host and hub share a process, as the extension and its backend do."""

from typing import NoReturn, cast

import grpc


class HubRefusedError(Exception):
    """The hub refused a call; `code` is the gRPC status that a remote caller would have seen."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code


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
