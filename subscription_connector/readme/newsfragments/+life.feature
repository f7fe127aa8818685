Pauses with dates that end by themselves and credit or shift what was billed; minimum
term and notice; members pause, go on, take a cancellation back, choose the method of
each subscription and try a failed payment again.
