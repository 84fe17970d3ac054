"""One reader per kind of document; each turns text into the uses that rules look at."""
