Reminders by mail, letter or hand, one per debtor; letters through the own account at Pingen.
