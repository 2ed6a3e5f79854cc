"""The shelf of check kinds: one file each, exposing `KIND`. Pure. Yours stand in the `checks/` of your project."""
