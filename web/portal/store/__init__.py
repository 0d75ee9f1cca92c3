"""What the portal remembers: users, tokens, jobs and workers in a database, and the files of jobs in a folder."""
