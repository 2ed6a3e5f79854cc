"""The notify room: who should hear, and what is said. Pure."""
