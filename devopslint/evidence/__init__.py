"""What other programs have measured: scans, sizes, coverage, tests, run times. Files are data: nothing is run or fetched."""
