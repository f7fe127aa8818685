Goods of a period wait while the last payment failed, go to the address and by the delivery method of the sale, and say so on the subscription.
