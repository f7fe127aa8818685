An import finds plans by their name in any language. Charges are cards on a phone.
