Passwords and passkeys that a member changes are on the timeline, and so are addresses that
he adds or removes: on his own, not on that of the address.
