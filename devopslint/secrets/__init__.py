"""One judgement of what is a secret, for every domain."""
