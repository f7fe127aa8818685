The subscription says for which days the next invoice is and why it is that much; the member
sees the amount of the next invoice, with discount or trial, instead of the usual price. A
billing run shows what it still has to do, live.
