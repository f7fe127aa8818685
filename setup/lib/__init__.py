"""What the four commands in setup/ are made of; standard library only."""
