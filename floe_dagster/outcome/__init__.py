"""The outcome room: what came of the checks, over time. Pure."""
