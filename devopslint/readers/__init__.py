"""Text becomes values that remember where they stand."""
