"""One side effect each, one file each, named after the function. They never sleep and never loop."""
