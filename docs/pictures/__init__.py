"""How the pictures in the docs are made; no part of the package."""
