"""The report room: how a period went. Pure."""
