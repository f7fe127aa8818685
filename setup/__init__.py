"""Commands that prepare, run, test and measure the suite."""
