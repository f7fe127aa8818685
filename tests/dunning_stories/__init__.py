"""Random debtor stories, and the rules of law written a second time."""
