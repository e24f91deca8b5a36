"""Everything Azure around the app, on loopback: Functions host, task hub, Graph, managed identity."""

import os

# gRPC's C core, which reads it at the first import, tells on stderr of each hub that stops under a client.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
