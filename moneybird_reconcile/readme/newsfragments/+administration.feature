The administration at Moneybird is chosen from a list after connecting; its id is not typed any more.
