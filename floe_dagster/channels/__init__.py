"""The shelf of alert channels: one file each, exposing `CHANNEL`. Pure: alert in, letter out."""
