"""Scripts that read the tables of devopslint/facts again, each from its public source."""
