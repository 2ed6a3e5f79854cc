"""Printable: text from contracts and databases, made safe for a terminal and for XML."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text on one line, with a mark in place of everything that a terminal would obey or XML refuse."""
    return "".join(each if each.isprintable() else " " if each in "\t\r\n" else "\ufffd" for each in text)
