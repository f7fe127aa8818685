A withdrawal from the website can be taken back for three days, by the link that goes to
the address on file or by staff. Nothing is billed or charged meanwhile, and what it gives
back counts from the moment it was declared. Without an address on file a person decides.
