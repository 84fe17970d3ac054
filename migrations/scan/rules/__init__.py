"""One file per rule of the scan."""
