"""What all parts of the chip are made of: memories, streams, counters, arithmetic. Nothing here knows of neurons."""
