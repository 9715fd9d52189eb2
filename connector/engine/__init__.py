"""The parts of a run's story: what it works with, what it reads, what it decides, what it puts on record."""
