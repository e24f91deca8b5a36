"""What a run is and how it goes on. Pure, standard library only: no I/O, no clock, no environment."""
