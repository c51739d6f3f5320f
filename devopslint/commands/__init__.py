"""The commands beside `check` that a run does not need: one module each, imported where it is called."""
