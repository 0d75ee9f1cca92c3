"""The portal: jobs that users submit over HTTP, a queue that is fair between them, and workers that pull."""
