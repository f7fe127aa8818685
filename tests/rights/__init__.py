"""Who gets what from each web address of ours: the matrix and its people."""
