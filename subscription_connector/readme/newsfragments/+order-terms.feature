The terms of a plan (price per period, beginning, duration, notice) stand above the order button
of the web shop.
