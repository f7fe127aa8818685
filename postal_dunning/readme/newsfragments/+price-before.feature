The preview of a run shows the channel of each message and why, the price of each letter, and their sum against the budget; the dialog that sends invoices counts the pages of the letters.
