"""One run under the scheduler: workers, who knows what of whom, and the environment that plays the case."""
