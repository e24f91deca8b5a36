"""The recordings: one file `<shape>.pb` for each shape of a run.

`make record-histories` records the shapes that the present version has no recording of. What is there, stays. A file
holds, for each execution, the OrchestratorRequest with its whole history and the OrchestratorResponse that ended it,
each behind its length (protobuf's delimited form).
"""

import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import durabletask.internal.orchestrator_service_pb2 as pb
from google.protobuf import proto
from google.protobuf.message import Message

from tests.support.histories import History, histories
from tests.support.run_shapes import SHAPES

FOLDER = Path(__file__).parent
HOST = FOLDER.parents[1] / "host.json"


def version() -> str:
    """Return the version that new instances get: `defaultVersion` in host.json."""
    return str(json.loads(HOST.read_text(encoding="utf-8"))["extensions"]["durableTask"]["defaultVersion"])


def path_of(shape: str, of_version: str) -> Path:
    """Return where the recording of `shape` is, or would be."""
    return FOLDER / of_version / f"{re.sub('[^a-z0-9]+', '-', shape.lower())}.pb"


def recordings() -> list[Path]:
    """Return every recording of every version."""
    return sorted(FOLDER.glob("*/*.pb"))


def read(path: Path) -> Iterator[History]:
    """Yield the executions in the recording."""
    stream = BytesIO(path.read_bytes())
    while (request := proto.parse_length_prefixed(pb.OrchestratorRequest, stream)) is not None:
        response = proto.parse_length_prefixed(pb.OrchestratorResponse, stream)
        yield History(request.instanceId, [*request.pastEvents, *request.newEvents], response)


def record(shape: str, path: Path) -> None:
    """Run `shape` with today's code and keep its histories at `path`."""
    path.parent.mkdir(exist_ok=True)
    binary = BytesIO()
    for history in histories(SHAPES[shape]()):
        request = pb.OrchestratorRequest(instanceId=history.instance_id, pastEvents=history.events)
        for message in (request, history.end):
            _forget_traces(message)
            proto.serialize_length_prefixed(message, binary)
    path.write_bytes(binary.getvalue())


def _forget_traces(message: Message) -> None:
    """Take the stack traces out of `message`: nothing goes by them, and they tell of the machine that recorded it."""
    for field, value in message.ListFields():
        if field.name == "stackTrace":
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                _forget_traces(part)


def main() -> None:
    """Record what is missing, and say what was recorded."""
    missing = {shape: path for shape in SHAPES if not (path := path_of(shape, version())).exists()}
    for shape, path in missing.items():
        record(shape, path)
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{len(missing)} recorded for version {version()}, {len(SHAPES) - len(missing)} were there.\n")


if __name__ == "__main__":
    main()
