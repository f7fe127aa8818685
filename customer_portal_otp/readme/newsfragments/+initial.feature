Sign-in to the customer portal with a code from the mailbox.
