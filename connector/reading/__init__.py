"""Read both sides of an account into one run's scratch, and put people together from it."""
