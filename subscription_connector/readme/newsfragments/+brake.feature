*Preview of a Run* shows who would be billed, how much and why, compared with the last
time. A run far outside expectation waits until a person has looked at it.
