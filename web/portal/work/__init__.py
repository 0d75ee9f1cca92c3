"""What runs a job: a worker that pulls, and processes of their own in which files are read and networks run."""
