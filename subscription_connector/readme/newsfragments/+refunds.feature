Payment history on the subscription; paying back with a reason, to the method it came from, with a
credit note, never twice.
