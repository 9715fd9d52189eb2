"""Why one learner is or is not in agreement, and the smallest change that would alter it: asked of the engine, written nowhere."""
