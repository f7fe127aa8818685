A campaign moves subscribers to another plan or to new prices at a date: preview, notice
by mail, and each who stays as he is with the reason.
