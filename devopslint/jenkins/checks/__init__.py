"""The functions that judge; they do nothing else."""
