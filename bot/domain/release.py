"""The release of pgbot, which `pyproject.toml` reads from here: to ask the installed package takes 20 ms."""

RELEASE = "0.1.0"
