"""Programs that work on a database of their own while tests disturb them."""
