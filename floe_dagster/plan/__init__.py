"""The plan room: what to ask of a warehouse, and how to judge the answers. Pure."""
