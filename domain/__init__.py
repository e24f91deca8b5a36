"""What the app knows: messages, observation, decide(), schedule, problems. Pure, typed, standard library only."""
