"""Everything Azure around the app, on loopback: Functions host, task hub, Graph, managed identity."""
