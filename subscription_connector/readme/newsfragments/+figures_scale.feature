Figures, and the page of their cards, answer within a second with 100,000 subscriptions: the history is added up
month by month, and what changed since is read along, so that every number is still the one of this moment.
