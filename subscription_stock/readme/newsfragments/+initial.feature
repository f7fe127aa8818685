The goods of each period leave from the warehouse of the subscription, and its deliveries are one click away.
