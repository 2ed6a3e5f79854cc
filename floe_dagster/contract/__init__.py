"""The contract room: what was promised. Pure."""
