A plan can be digital content: the web shop then asks consumers, by a box of its own, to
agree that the delivery begins and that the right to withdraw is lost. Moment and text are
kept on the subscription and confirmed by mail; a withdrawal respects them.
