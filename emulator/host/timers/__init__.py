"""Timer triggers: schedules, what was missed, and the runs."""
