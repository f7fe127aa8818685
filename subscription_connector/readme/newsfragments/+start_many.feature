Many subscriptions that begin together, by import or from the list, are made in one go: two questions to the
database for each instead of twelve.
