A withdrawal from the website within the 14 days ends the subscription at once, makes the
credit note by rule, tells the member and leaves staff the task to pay back in time.
