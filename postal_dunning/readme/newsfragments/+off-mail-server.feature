The page before switching off says when no outgoing mail server is set up.
