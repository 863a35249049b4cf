"""What stops a job, in one line a person can act on; modules derive their own from it."""


class MlError(Exception):
    """A job cannot be done; the message says why and what to do."""
