"""Everything Azure around the app, on loopback: Functions host, task hub, Graph, managed identity."""

import os

# gRPC's C core reads it at the first import. Without it, the core writes to stderr about each hub that stops.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
