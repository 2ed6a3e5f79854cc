"""The upkeep room: what a store needs once a day, so that it stays small and forgets nothing that matters.

Finished days and weeks are computed for ever, and then what is too old is deleted; in this order.
"""
