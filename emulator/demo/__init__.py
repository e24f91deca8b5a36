"""One run that meets what runs meet: an earlier scan, throttling, and the loss of its host."""
