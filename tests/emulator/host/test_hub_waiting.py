"""Clients that wait for an instance, over gRPC and without a limit."""

# ruff: noqa: SLF001 -- who waits can be seen only inside

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
import grpc
import pytest
from durabletask.client import TaskHubGrpcClient

from emulator.host.hub import TaskHub, task_hub
from tests.emulator.host.hub_worker import MESSAGE_LIMIT, Worker, complete, start


class Caller:
    """A waiting client: without a deadline, until it hangs up."""

    def __init__(self) -> None:
        self.active = True

    def is_active(self) -> bool:
        return self.active

    @staticmethod
    def time_remaining() -> None:
        return None


@pytest.mark.parametrize("wait", ["WaitForInstanceStart", "WaitForInstanceCompletion"])
def test_a_client_waits_as_long_as_it_likes(
    hub: TaskHub, worker: Worker, monkeypatch: pytest.MonkeyPatch, wait: str
) -> None:
    looks = threading.Semaphore(0)
    look = hub._wait_for_state

    def count(*arguments: Any, **options: Any) -> Any:
        looks.release()
        return look(*arguments, **options)

    monkeypatch.setattr(task_hub, "_LOOK_UP_SECONDS", 0.005)
    monkeypatch.setattr(hub, "_wait_for_state", count)
    caller: Any = Caller()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(getattr(hub, wait), pb.GetInstanceRequest(instanceId="one"), caller)
        for _ in range(3):
            assert looks.acquire(timeout=5)
        start(hub)
        assert not answer.done()
        worker.turn(complete())
        assert answer.result(timeout=5).exists
        hung_up = pool.submit(getattr(hub, wait), pb.GetInstanceRequest(instanceId="nobody"), caller)
        caller.active = False
        assert not hung_up.result(timeout=5).exists


def test_stopping_releases_those_who_wait() -> None:
    hub = TaskHub(MESSAGE_LIMIT)
    hub.start()
    client = TaskHubGrpcClient(host_address=hub.address)
    start(hub)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.wait_for_orchestration_completion, "one", timeout=60)
        while not hub._state_waiters:
            time.sleep(0.001)
        began = time.monotonic()
        hub.stop()
        assert time.monotonic() - began < 1
        with pytest.raises(grpc.RpcError):
            waiting.result(timeout=5)
    client.close()


def test_many_waiting_clients_leave_room_for_others(hub: TaskHub, worker: Worker) -> None:
    client = TaskHubGrpcClient(host_address=hub.address)
    start(hub)
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(client.wait_for_orchestration_completion, "one", timeout=20) for _ in range(40)]
        while len(hub._state_waiters.get("one", [])) < 40:
            time.sleep(0.001)
        assert client.get_orchestration_state("one")
        worker.turn(complete())
        assert all(answer.result(timeout=5) for answer in waiting)
    client.close()
