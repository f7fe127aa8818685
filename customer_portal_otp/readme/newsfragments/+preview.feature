The administrator sees one member's area as the member does (contact, *See Member's Area*):
marked, without scripts, forms or effects, and noted on the member's timeline.
