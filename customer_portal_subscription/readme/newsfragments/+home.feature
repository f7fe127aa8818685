The first page says what runs and what is billed next.
