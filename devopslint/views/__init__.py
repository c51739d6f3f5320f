"""The domain's words over what was read."""
