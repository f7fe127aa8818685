Drafts of a large billing run are made by two scheduled actions side by side; a copy of the second one is one
more. A long run needs no more memory than a short one.
