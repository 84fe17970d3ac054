"""Off-line check of a change's evidence bundle.

Run as `python -m bot.audit.evidence FILE [--key env:NAME|file:PATH]`.

Nothing in here imports anything but the standard library and this folder, so that what it says does not rest
on the code that made the bundle, and runs where nothing is installed.
"""
