A policy can ask for approval of each day's steps, and a step can be kept to debts above an amount or to certain customers.
