"""Rules that a cluster can enforce by itself, as policies of the cluster."""
