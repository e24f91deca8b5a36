"""HTTP as the Functions host does it: routes, keys, and the translation to and from the worker."""
