Plug&Pay: price and next day are changed from here, what holds on each side is said when one side
refuses, members go straight on to its portal, and the screen names what is missing for that.
