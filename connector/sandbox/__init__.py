"""Both platforms' simulators on loopback: the demo, the tests' counterpart, a place to try a mapping.

They speak the wire and share no code with the adapters, so that a mistake in one cannot hide in the other.
"""
