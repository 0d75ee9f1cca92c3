"""What a placement took of a chip, for people: a table, a picture."""
