VAT of a collector comes on top of collection costs where Dutch law allows it: the policy says that a collector charges it and that it cannot be deducted, the notice names it and why.
