"""What the verbs of the command line do, one file a verb: each takes plain values, and hands back a `Result`."""
