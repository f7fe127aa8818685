Letters and messages show as cards on a phone.
