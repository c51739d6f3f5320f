"""The functions that judge, one module per family; they do nothing else."""
