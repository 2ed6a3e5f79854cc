"""The lineage room: the same facts as OpenLineage events."""
