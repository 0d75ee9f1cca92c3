"""The result of a classifier as one HTML page that needs no other file."""
