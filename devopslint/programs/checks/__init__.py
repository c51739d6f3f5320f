"""Rules about infrastructure that programs build."""
