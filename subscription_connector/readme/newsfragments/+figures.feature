Figures: recurring revenue, its movements, churn, retention, failed payments and expected cash,
read from the history in SQL; each number opens the records behind it.
