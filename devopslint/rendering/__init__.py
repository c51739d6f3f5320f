"""Overlays and charts as the cluster gets them: built by their own programs, and every value traced to its source."""
