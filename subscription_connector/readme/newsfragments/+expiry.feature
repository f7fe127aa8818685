Until when a card is valid is shown to office and member, with a warning where it is over before the next billing.
