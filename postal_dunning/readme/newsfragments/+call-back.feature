A letter at the printer whose items were paid meanwhile, or whose debtor is on hold, is called back within the hour.
