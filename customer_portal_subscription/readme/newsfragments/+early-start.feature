Consumers who buy a plan in the web shop can ask expressly to begin before the 14 days to
withdraw are over: moment and text are kept on the subscription, confirmed by mail, and
used when they withdraw. Businesses are not asked.
